#include "control/console/stream.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace ringway::control::console {
namespace {

/// What a pipe takes at once when poll() says that it takes something.
constexpr std::size_t kPiece = 4096;
constexpr int kRetryMilliseconds = 500;

}  // namespace

Stream::Ready Stream::wait(int fd, short events, int milliseconds) const {
    std::array<pollfd, 2> set{pollfd{fd, events, 0}, pollfd{stop_, POLLIN, 0}};
    const int ready = ::poll(set.data(), set.size(), milliseconds);
    if (set[1].revents != 0) return Ready::stopped;
    return ready > 0 ? Ready::yes : Ready::no;
}

std::string_view Stream::read(std::span<char> buffer) const {
    while (true) {
        if (wait(in_, POLLIN, -1) == Ready::stopped) return {};
        const ssize_t count = ::read(in_, buffer.data(), buffer.size());
        if (count > 0) return {buffer.data(), static_cast<std::size_t>(count)};
        if (count == 0) return {};
        if (errno == EAGAIN || errno == EINTR) continue;
        // A terminal that another process group has: it may come back to us.
        if (errno != EIO || ::isatty(in_) == 0) return {};
        if (wait(-1, 0, kRetryMilliseconds) == Ready::stopped) return {};
    }
}

bool Stream::write(std::string_view text) const {
    constexpr int kMilliseconds =
        static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(kPatience).count());
    while (!text.empty()) {
        if (wait(out_, POLLOUT, kMilliseconds) != Ready::yes) return false;
        const ssize_t count = ::write(out_, text.data(), std::min(text.size(), kPiece));
        if (count < 0 && (errno == EAGAIN || errno == EINTR)) continue;
        if (count < 0) return false;
        text.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

}  // namespace ringway::control::console
