#pragma once

#include <unistd.h>

#include <cerrno>
#include <string_view>

namespace ringway::control {

/// Writes all of `text` to a blocking descriptor. False, with errno set, if that fails.
[[nodiscard]] inline bool write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(fd, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return false;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

}  // namespace ringway::control
