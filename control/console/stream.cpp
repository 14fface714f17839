#include "control/console/stream.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "control/console/terminal_size.h"

namespace ringway::control::console {
namespace {

/// What a pipe takes at once when poll() says that it takes something.
constexpr std::size_t kPiece = 4096;
constexpr int kRetryMilliseconds = 500;

constexpr int milliseconds_in(std::chrono::milliseconds duration) {
    return static_cast<int>(duration.count());
}

}  // namespace

Stream::Ready Stream::wait(int fd, short events, int milliseconds) const {
    std::array<pollfd, 2> set{pollfd{fd, events, 0}, pollfd{stop_, POLLIN, 0}};
    int ready = 0;
    do {
        ready = ::poll(set.data(), set.size(), milliseconds);
    } while (ready < 0 && errno == EINTR);
    if (set[1].revents != 0) return Ready::stopped;
    return ready > 0 ? Ready::yes : Ready::no;
}

std::string_view Stream::read_greeting(std::span<char> buffer) const {
    return read(buffer, milliseconds_in(kGreeting));
}

/// For ever, with -1.
std::string_view Stream::read(std::span<char> buffer, int milliseconds) const {
    while (true) {
        if (wait(in_, POLLIN, milliseconds) != Ready::yes) return {};
        const ssize_t count = ::read(in_, buffer.data(), buffer.size());
        if (count > 0) return {buffer.data(), static_cast<std::size_t>(count)};
        if (count == 0) return {};
        if (errno == EAGAIN || errno == EINTR) continue;
        // A terminal that another process group has: it may come back to us.
        if (errno != EIO || ::isatty(in_) == 0) return {};
        if (wait(-1, 0, kRetryMilliseconds) == Ready::stopped) return {};
    }
}

std::optional<std::size_t> Stream::columns() const {
    winsize size{};
    if (::ioctl(out_, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return std::nullopt;
    return std::clamp<std::size_t>(size.ws_col, TerminalSize::kNarrowest, TerminalSize::kWidest);
}

bool Stream::write(std::string_view text) const {
    while (!text.empty()) {
        if (wait(out_, POLLOUT, milliseconds_in(kPatience)) != Ready::yes) return false;
        const ssize_t count = ::write(out_, text.data(), std::min(text.size(), kPiece));
        if (count < 0 && (errno == EAGAIN || errno == EINTR)) continue;
        if (count < 0) return false;
        text.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

}  // namespace ringway::control::console
