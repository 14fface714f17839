#include "control/state_file/replace_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>

#include "control/file_descriptor.h"
#include "control/write_all.h"

namespace ringway::control {
namespace {

namespace fs = std::filesystem;

tl::unexpected<std::string> failure(const fs::path& path, std::string_view what) {
    return tl::unexpected(fmt::format("{}: {}: {}", path.string(), what, std::strerror(errno)));
}

/// Who may do what with a file.
struct Access {
    uid_t user;
    gid_t group;
    mode_t mode;
};

/// Gives an empty file, made with 0600, to whom it shall belong, before there is anything to read in it.
bool give(int file, const Access& access) {
    struct stat made {};
    if (::fstat(file, &made) != 0) return false;
    const bool is_theirs = made.st_uid == access.user && made.st_gid == access.group;
    if (!is_theirs && ::fchown(file, access.user, access.group) != 0) return false;
    return ::fchmod(file, access.mode) == 0;
}

tl::expected<void, std::string> write_synced(const fs::path& path, std::string_view text,
                                             const Access* access) {
    // One that a crash left behind is in the way; O_EXCL makes sure that the file is ours.
    ::unlink(path.c_str());
    const FileDescriptor file(
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file.is_open()) return failure(path, "cannot make");
    if (access != nullptr && !give(file.get(), *access))
        return failure(path, "cannot give it the owner and mode of the old file");
    if (!write_all(file.get(), text)) return failure(path, "cannot write");
    if (::fsync(file.get()) != 0) return failure(path, "cannot sync");
    return {};
}

/// Writes beside the file and renames. Without `access` the file is this process's, mode 0600.
tl::expected<void, std::string> replace(const fs::path& path, std::string_view text, const Access* access) {
    const fs::path directory = path.parent_path();
    fs::path fresh = path;
    fresh += ".new";
    if (auto written = write_synced(fresh, text, access); !written) {
        ::unlink(fresh.c_str());
        return written;
    }
    if (::rename(fresh.c_str(), path.c_str()) != 0) {
        const auto error = failure(path, "cannot replace");
        ::unlink(fresh.c_str());
        return error;
    }
    // The new name is on the disk only once the directory is.
    const FileDescriptor held(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!held.is_open() || ::fsync(held.get()) != 0) return failure(directory, "cannot sync");
    return {};
}

}  // namespace

tl::expected<void, std::string> replace_file(const fs::path& path, std::string_view text) {
    const fs::path directory = path.parent_path();
    if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) return failure(directory, "cannot make");
    return replace(path, text, nullptr);
}

tl::expected<void, std::string> rewrite_file(const fs::path& path, std::string_view text, FileMode mode) {
    std::error_code error;
    const fs::path real = fs::canonical(path, error);
    struct stat status {};
    if (error) errno = error.value();
    if (error || ::stat(real.c_str(), &status) != 0) return failure(path, "cannot find");
    if (!S_ISREG(status.st_mode))
        return tl::unexpected(fmt::format("{}: is not a regular file", path.string()));
    Access access{.user = status.st_uid, .group = status.st_gid, .mode = status.st_mode & 07777U};
    if (mode == FileMode::owner_only) access.mode &= ~static_cast<mode_t>(S_IRWXG | S_IRWXO);
    return replace(real, text, &access);
}

tl::expected<std::string, FileReadError> read_small_file(const fs::path& path, std::size_t limit) {
    const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!file.is_open())
        return tl::unexpected(errno == ENOENT ? FileReadError::missing : FileReadError::unreadable);
    std::string text(limit + 1, '\0');
    std::size_t size = 0;
    while (size < text.size()) {
        const ssize_t got = ::read(file.get(), text.data() + size, text.size() - size);
        if (got < 0) return tl::unexpected(FileReadError::unreadable);
        if (got == 0) break;
        size += static_cast<std::size_t>(got);
    }
    if (size > limit) return tl::unexpected(FileReadError::too_large);
    text.resize(size);
    return text;
}

}  // namespace ringway::control
