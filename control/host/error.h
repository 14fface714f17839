#pragma once

#include <fmt/format.h>

#include <cstring>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace ringway::control::host {

/// Why something asked of the kernel was not done.
struct HostError {
    std::string attempted;  ///< as a sentence's beginning: "create TAP rw-wan"
    int code = 0;           ///< errno
    std::string detail;     ///< what the kernel or we know beyond the errno; may be empty

    /// For a person: "cannot create TAP rw-wan: File exists (the name is taken)".
    [[nodiscard]] std::string message() const {
        std::string text = fmt::format("cannot {}: {}", attempted, std::strerror(code));
        if (!detail.empty()) text += fmt::format(" ({})", detail);
        return text;
    }
};

template <typename T>
using Result = tl::expected<T, HostError>;

/// The error to return: `return failure(errno, "open {}", path)`.
template <typename... Args>
[[nodiscard]] tl::unexpected<HostError> failure(int code, fmt::format_string<Args...> attempted,
                                                Args&&... args) {
    return tl::unexpected(HostError{fmt::format(attempted, std::forward<Args>(args)...), code, {}});
}

}  // namespace ringway::control::host
