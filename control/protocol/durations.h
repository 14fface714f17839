#pragma once

#include <chrono>

#include "control/protocol/plane.h"

namespace ringway::control::protocol {

/// The protocol's durations in the engine's unit.
[[nodiscard]] constexpr Nanoseconds ns(std::chrono::nanoseconds duration) {
    return static_cast<Nanoseconds>(duration.count());
}

/// Whether a deadline, 0 when not armed, has come.
[[nodiscard]] constexpr bool is_due(Nanoseconds deadline, Nanoseconds now) {
    return deadline != 0 && deadline <= now;
}

}  // namespace ringway::control::protocol
