#pragma once

#include <cstdint>
#include <functional>
#include <map>

#include "control/file_descriptor.h"

namespace ringway::control {

/// The control thread's descriptors, each with what to do when it is readable. One thread.
class Poller {
  public:
    /// Throws std::system_error.
    Poller();

    /// REQUIRES: not added yet. `fd` must be removed before it is closed. Throws std::system_error.
    void add(int fd, std::function<void()> readable);
    void remove(int fd);
    /// Waits up to `milliseconds` and serves what is readable.
    void wait(int milliseconds);

  private:
    FileDescriptor epoll_;
    std::map<int, std::function<void()>> handlers_;
};

}  // namespace ringway::control
