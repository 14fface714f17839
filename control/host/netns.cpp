#include "control/host/netns.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>

#include <cerrno>
#include <exception>

namespace ringway::control::host {

namespace {

constexpr const char* kOwnNamespace = "/proc/thread-self/ns/net";
constexpr std::string_view kNamedNamespaces = "/var/run/netns/";

FileDescriptor open_read_only(const char* path) {
    return FileDescriptor(::open(path, O_RDONLY | O_CLOEXEC));
}

}  // namespace

Result<NetnsHandle> NetnsHandle::open(std::string_view name) {
    if (name == "." || name == ".." || name.find('/') != std::string_view::npos) {
        return failure(EINVAL, "open network namespace \"{}\"", name);
    }
    const std::string path = name.empty() ? kOwnNamespace : std::string(kNamedNamespaces).append(name);
    FileDescriptor fd = open_read_only(path.c_str());
    if (!fd.is_open()) return failure(errno, "open network namespace {}", path);

    struct stat status {};
    if (::fstat(fd.get(), &status) != 0) return failure(errno, "look at network namespace {}", path);
    return NetnsHandle(std::string(name), std::move(fd), {status.st_dev, status.st_ino});
}

Result<NetnsHandle> NetnsHandle::duplicate() const {
    FileDescriptor copy(::fcntl(fd_.get(), F_DUPFD_CLOEXEC, 0));
    if (!copy.is_open()) return failure(errno, "hold {}", describe());
    return NetnsHandle(name_, std::move(copy), id_);
}

std::string NetnsHandle::describe() const {
    return name_.empty() ? "the own namespace" : fmt::format("namespace {}", name_);
}

Result<NetnsScope> NetnsScope::enter(const NetnsHandle& target) {
    auto home = NetnsHandle::open("");
    if (!home) return tl::unexpected(std::move(home.error()));
    if (home->same_as(target)) return NetnsScope(std::nullopt);
    if (::setns(target.fd(), CLONE_NEWNET) != 0) {
        HostError error{"enter " + target.describe(), errno, {}};
        if (error.code == EPERM) error.detail = "needs CAP_SYS_ADMIN: start it as root";
        return tl::unexpected(std::move(error));
    }
    return NetnsScope(std::move(*home));
}

NetnsScope::~NetnsScope() {
    if (home_ && ::setns(home_->fd(), CLONE_NEWNET) != 0) std::terminate();
}

}  // namespace ringway::control::host
