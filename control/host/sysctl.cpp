#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "control/host/sysctl.h"

namespace ringway::control::host {

namespace {

/// The files show the namespace of the thread that looks them up.
Result<FileDescriptor> open_sysctl(const std::string& path, int mode) {
    FileDescriptor file(::open(path.c_str(), mode | O_CLOEXEC));
    if (!file.is_open()) return failure(errno, "open {}", path);
    return file;
}

}  // namespace

Result<std::string> read_sysctl(const NetnsHandle& netns, const std::string& key) {
    const std::string path = "/proc/sys/net/" + key;
    return with_netns(netns, [&]() -> Result<std::string> {
        auto file = open_sysctl(path, O_RDONLY);
        if (!file) return tl::unexpected(std::move(file.error()));
        std::array<char, 256> text{};
        const ssize_t length = ::read(file->get(), text.data(), text.size());
        if (length < 0) return failure(errno, "read {}", path);
        std::string value(text.data(), static_cast<std::size_t>(length));
        while (value.ends_with('\n'))
            value.pop_back();
        return value;
    });
}

Result<void> write_sysctl(const NetnsHandle& netns, const std::string& key, std::string_view value) {
    const std::string path = "/proc/sys/net/" + key;
    return with_netns(netns, [&]() -> Result<void> {
        auto file = open_sysctl(path, O_WRONLY);
        if (!file) return tl::unexpected(std::move(file.error()));
        if (::write(file->get(), value.data(), value.size()) != static_cast<ssize_t>(value.size())) {
            return failure(errno, "write {} to {}", value, path);
        }
        return {};
    });
}

}  // namespace ringway::control::host
