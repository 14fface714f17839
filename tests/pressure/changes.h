#pragma once

#include "tests/pressure/trial.h"

namespace ringway::tests {

/// A hundred clients at work, on lcores that are held up at random, while other peers are added, changed and
/// removed, a thousand times a second and more: the hundred lose nothing, nothing comes out of its order, and
/// in the end all that the others took is free again. Counts packets.
[[nodiscard]] SiegeRow press_changes(const Trial& trial);

}  // namespace ringway::tests
