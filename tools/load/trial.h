#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <vector>

#include "tools/load/load.h"

namespace ringway::load {

/// One measurement.
struct TrialPlan {
    std::vector<Direction> directions;
    double rate = 0;                ///< packets per second in each direction; 0: a closed loop
    std::uint32_t outstanding = 0;  ///< packets under way in each direction of a closed loop
    Nanoseconds duration = 0;       ///< of sending
};

/// What one direction came to.
struct DirectionResult {
    DirectionCounts counts;
    LatencyHistogram latency;
    std::uint64_t refused = 0;  ///< packets that the device did not take while the rate had them due
    std::uint64_t late = 0;     ///< that were due while the load itself was not there to send them
    double seconds = 0;         ///< from the first packet sent to the last received, pauses left out

    [[nodiscard]] double received_per_second() const {
        return seconds > 0 ? static_cast<double>(counts.matched) / seconds : 0;
    }
    /// What the gateway could have had. What the load was too late for is no offer.
    [[nodiscard]] std::uint64_t offered() const { return counts.sent + refused; }
    [[nodiscard]] double offered_per_second() const {
        return seconds > 0 ? static_cast<double>(offered()) / seconds : 0;
    }
    /// Share of what was due that the load was too late for.
    [[nodiscard]] double lateness() const {
        return late == 0 ? 0 : static_cast<double>(late) / static_cast<double>(offered() + late);
    }
    [[nodiscard]] std::uint64_t missing() const {
        return offered() > counts.matched ? offered() - counts.matched : 0;
    }
    /// Of inner packets.
    [[nodiscard]] double gigabits_per_second(double mean_size) const {
        constexpr double kBitsPerByte = 8;
        return received_per_second() * mean_size * kBitsPerByte / 1e9;
    }
    /// Share of the offered packets that did not arrive.
    [[nodiscard]] double loss() const {
        return missing() == 0 ? 0 : static_cast<double>(missing()) / static_cast<double>(offered());
    }
};

/// What a trial came to.
struct TrialResult {
    std::map<Direction, DirectionResult> directions;
    Nanoseconds time = 0;       ///< of sending
    Nanoseconds idle_time = 0;  ///< of that: turns of our own loop with nothing to send and nothing received

    /// Share of the time that was idle. Where it is next to nothing, it was the load that limited.
    [[nodiscard]] double idle() const {
        return time == 0 ? 0 : static_cast<double>(idle_time) / static_cast<double>(time);
    }
};

/// Ends a trial early when it says true; asked about once a millisecond.
using Stop = std::function<bool()>;

/// Runs one trial: sends, pausing where prepared packets run out, and then waits for what is under way. The
/// counts of `load`'s directions begin anew. REQUIRES: load.missing() is empty.
[[nodiscard]] TrialResult run_trial(Load& load, const TrialPlan& plan, const Stop& stop);

}  // namespace ringway::load
