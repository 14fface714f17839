#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_set>
#include <vector>

#include "tests/simulation/node.h"

namespace ringway::simulation {

struct WorldOptions {
    std::uint64_t seed = 1;
    double hours = 1;
    Sabotage sabotage = Sabotage::none;
};

/// What came of a world.
struct Outcome {
    std::optional<std::string> violation;  ///< the first rule broken, and how
    std::uint64_t packets = 0;             ///< accepted, keepalives among them
    double slowest_recovery_seconds = 0;   ///< from the end of a storm until a link passed packets both ways
};

/// Two to four nodes and a network between them, from a seed: storms, in which the network does whatever a
/// network can do, nodes crash, clocks jump and configurations change; and calms, in which everything must
/// come back within the protocol's timers. At the end all falls silent, and no secret may be left.
///
/// Rules, looked at all the time: 'counter used once', 'authentic' (nothing is taken for anybody's that is
/// not), 'confirmed', 'accepted once', 'source allowed', 'secrets end', 'bounded', 'flows again', 'silent'.
[[nodiscard]] Outcome run_world(const WorldOptions& options);

}  // namespace ringway::simulation
