#include "control/wg_socket/socket_file.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <optional>

namespace ringway::control {
namespace {

constexpr int kBacklog = 16;
constexpr int kSocketType = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;

std::string failure(std::string_view what, const std::filesystem::path& path, int error) {
    return fmt::format("{}: {}: {}", path.string(), what, std::strerror(error));
}

std::optional<std::string> prepare_directory(const std::filesystem::path& directory) {
    if (::mkdir(directory.c_str(), 0755) != 0 && errno != EEXIST) {
        return failure("cannot make the directory", directory, errno);
    }
    struct stat status {};
    if (::stat(directory.c_str(), &status) != 0) return failure("cannot look at", directory, errno);
    if (!S_ISDIR(status.st_mode)) return failure("cannot hold a socket", directory, ENOTDIR);
    if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        return fmt::format("{}: group or others can write this directory, so it is no place for a socket",
                           directory.string());
    }
    return std::nullopt;
}

std::optional<sockaddr_un> address_of(const std::filesystem::path& path) {
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    const std::string& text = path.native();
    if (text.size() >= sizeof(address.sun_path)) return std::nullopt;
    text.copy(static_cast<char*>(address.sun_path), text.size());
    return address;
}

/// A socket that nobody listens on refuses at once; a busy one lets us connect or says EAGAIN.
bool is_stale_socket(const std::filesystem::path& path, const sockaddr_un& address) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0 || !S_ISSOCK(status.st_mode)) return false;
    const FileDescriptor probe(::socket(AF_UNIX, kSocketType, 0));
    return probe.is_open() &&
           ::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 &&
           errno == ECONNREFUSED;
}

bool bind_replacing_stale(int fd, const std::filesystem::path& path, const sockaddr_un& address) {
    const auto bind_once = [&] {
        return ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
    };
    if (bind_once()) return true;
    if (errno != EADDRINUSE) return false;
    if (!is_stale_socket(path, address)) {
        errno = EADDRINUSE;
        return false;
    }
    return ::unlink(path.c_str()) == 0 && bind_once();
}

}  // namespace

void remove_stale_socket(const std::filesystem::path& path) {
    const auto address = address_of(path);
    if (address && is_stale_socket(path, *address)) ::unlink(path.c_str());
}

tl::expected<SocketFile, std::string> SocketFile::listen(const std::filesystem::path& path) {
    const auto address = address_of(path);
    if (!address) return tl::unexpected(failure("cannot be a socket", path, ENAMETOOLONG));
    if (auto error = prepare_directory(path.parent_path())) return tl::unexpected(*error);

    FileDescriptor fd(::socket(AF_UNIX, kSocketType, 0));
    if (!fd.is_open()) return tl::unexpected(failure("cannot make a socket", path, errno));
    // On Linux the name inherits the descriptor's mode: no moment passes with a wider one, and the
    // process's umask, which all threads share, stays untouched.
    if (::fchmod(fd.get(), 0600) != 0) return tl::unexpected(failure("cannot restrict", path, errno));
    if (!bind_replacing_stale(fd.get(), path, *address)) {
        return tl::unexpected(failure("cannot listen", path, errno));
    }
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0) return tl::unexpected(failure("cannot look at", path, errno));
    SocketFile file(std::move(fd), path, status.st_dev, status.st_ino);
    if ((status.st_mode & 0777) != 0600) {
        return tl::unexpected(
            fmt::format("{}: has mode {:o} where 600 was asked for", path.string(), status.st_mode & 0777U));
    }
    if (::listen(file.fd(), kBacklog) != 0) return tl::unexpected(failure("cannot listen", path, errno));
    return file;
}

/// The name may belong to a successor by now; only our own is removed.
SocketFile::~SocketFile() {
    struct stat status {};
    if (!fd_.is_open() || ::lstat(path_.c_str(), &status) != 0) return;
    if (status.st_dev == device_ && status.st_ino == inode_) ::unlink(path_.c_str());
}

}  // namespace ringway::control
