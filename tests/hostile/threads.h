#pragma once

#include <cstddef>
#include <cstdint>

#include "tests/hostile/attacks.h"

namespace ringway::tests {

/// Every packet of a session recorded and sent by four threads at once, through two rx lcores: one of each
/// gets through, whichever comes first, and the others are replays. REQUIRES: four EAL lcores, from 1.
[[nodiscard]] AttackOutcome replays_from_several_threads(std::uint64_t seed, std::size_t rounds);

}  // namespace ringway::tests
