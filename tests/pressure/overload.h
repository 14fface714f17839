#pragma once

#include <cstdint>

#include "tests/pressure/trial.h"

namespace ringway::tests {

/// The port that can't take what is offered.
enum class Sink : std::uint8_t { wan, lan };

/// Five times what one port takes is offered for it, for minutes of virtual time. Crypto work for each
/// packet that gets through stays under 1.05 (P7), memory is flat, sessions are renewed, and somebody new
/// gets in. Counts packets offered.
[[nodiscard]] SiegeRow press_overload(const Trial& trial, Sink sink);

}  // namespace ringway::tests
