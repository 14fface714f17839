#pragma once

#include <cstdint>

#include "tests/pressure/trial.h"

namespace ringway::tests {

/// How much is sent ahead of what has arrived.
enum class Ahead : std::uint8_t {
    fits,   ///< no more than every queue holds, and often much less: nothing may be lost or stay behind
    floods  ///< as much as the port takes: whatever is lost must be a counted drop before crypto
};

/// Packets of one peer through two crypto lcores at each end, whose threads are held up at random, through
/// one session after the other: none out of order, none twice, none lost but as counted drops before crypto.
/// Counts packets.
[[nodiscard]] SiegeRow press_order(const Trial& trial, Ahead ahead);

}  // namespace ringway::tests
