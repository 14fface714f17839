#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "control/view/view.h"

namespace ringway::control::console {

/// What counters said at one moment. Counters never go back: `clear stats` keeps such a moment, and tables
/// show what came after it.
struct Baseline {
    std::uint64_t unix_nanoseconds = 0;  ///< 0: never cleared
    StatusView status;
    std::vector<PortView> ports;
    std::vector<LcoreView> lcores;
    DropsView drops;
};

// What came since the baseline. A thing that it does not know is given as it is.
[[nodiscard]] StatusView since(const Baseline& base, StatusView view);
[[nodiscard]] std::vector<PortView> since(const Baseline& base, std::vector<PortView> views);
[[nodiscard]] std::vector<LcoreView> since(const Baseline& base, std::vector<LcoreView> views);
/// `in_flight` is how many there are now, whatever the baseline.
[[nodiscard]] DropsView since(const Baseline& base, DropsView view);

}  // namespace ringway::control::console
