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
    std::uint64_t offered = 0;   ///< packets that the rate asked for; of a closed loop: sent
    std::uint64_t given_up = 0;  ///< of those: not sent, because the device or we were too slow
    double seconds = 0;          ///< from the first packet sent to the last received, pauses left out

    [[nodiscard]] double received_per_second() const {
        return seconds > 0 ? static_cast<double>(counts.matched) / seconds : 0;
    }
    [[nodiscard]] double offered_per_second() const {
        return seconds > 0 ? static_cast<double>(offered) / seconds : 0;
    }
    /// Of inner packets.
    [[nodiscard]] double gigabits_per_second(double mean_size) const {
        constexpr double kBitsPerByte = 8;
        return received_per_second() * mean_size * kBitsPerByte / 1e9;
    }
    /// Share of the offered packets that did not arrive.
    [[nodiscard]] double loss() const {
        if (offered <= counts.matched) return 0;
        return static_cast<double>(offered - counts.matched) / static_cast<double>(offered);
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
