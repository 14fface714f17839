#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <tl/expected.hpp>

#include "control/file_descriptor.h"

namespace ringway::control {

/// Removes a socket's name on which nobody listens, as a process that was killed leaves it: whoever is to
/// listen there next, but does not replace it. Leaves all else alone.
void remove_stale_socket(const std::filesystem::path& path);

/// A listening Unix stream socket and its name in the file system, which goes with it.
///
/// The name has mode 0600 from the moment it exists. A missing directory is made (0755, its parent
/// must exist); one that group or others can write is refused, since they could put a socket of
/// their own in its place. A name left behind by a dead process is taken over; one that is
/// answered, or that is no socket, is not.
class SocketFile {
  public:
    /// Non-blocking. The error says what failed, with the path.
    [[nodiscard]] static tl::expected<SocketFile, std::string> listen(const std::filesystem::path& path);

    ~SocketFile();
    SocketFile(const SocketFile&) = delete;
    SocketFile& operator=(const SocketFile&) = delete;
    SocketFile(SocketFile&& other) noexcept = default;
    SocketFile& operator=(SocketFile&&) = delete;

    [[nodiscard]] int fd() const { return fd_.get(); }

  private:
    SocketFile(FileDescriptor fd, std::filesystem::path path, dev_t device, ino_t inode)
        : fd_(std::move(fd)), path_(std::move(path)), device_(device), inode_(inode) {}

    FileDescriptor fd_;
    std::filesystem::path path_;
    dev_t device_;
    ino_t inode_;
};

}  // namespace ringway::control
