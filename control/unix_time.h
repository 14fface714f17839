#pragma once

#include <chrono>
#include <cstdint>

namespace ringway::control {

/// The wall clock: nanoseconds since 1970. May go back.
[[nodiscard]] inline std::uint64_t unix_nanoseconds() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
}

}  // namespace ringway::control
