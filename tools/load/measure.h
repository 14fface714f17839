#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "tools/load/trial.h"

namespace ringway::load {

/// How to look for the highest rate.
struct SearchOptions {
    double max_loss = 0.001;  ///< share of the offered packets
    double precision = 0.02;  ///< share of the rate
    double most = 0;          ///< no higher rate is tried; 0: no limit
};

/// What is measured: trials like `trial`, `runs` times; or a search, whose trials have a rate each.
struct MeasurePlan {
    TrialPlan trial;
    Nanoseconds warm_up = 0;
    unsigned runs = 1;
    std::optional<SearchOptions> search;
};

/// One trial of a measurement.
struct Step {
    double rate = 0;  ///< asked for in each direction; 0: a closed loop
    TrialResult result;
    bool passed = true;  ///< of a search: within the bound, and the load was seldom late

    /// Received packets per second, both directions together.
    [[nodiscard]] double received_per_second() const;
    /// The greater one of the directions' losses.
    [[nodiscard]] double loss() const;
    /// The same of DirectionResult::lateness().
    [[nodiscard]] double lateness() const;
};

/// All trials, and which of them is the answer: of runs the median, of a search the highest that passed. If
/// none passed, there is no answer.
struct Measurement {
    std::vector<Step> steps;
    std::optional<std::size_t> answer;
};

/// `on_step` is called after each trial.
[[nodiscard]] Measurement measure(Load& load, const MeasurePlan& plan, const Stop& stop,
                                  const std::function<void(const Step&)>& on_step);

}  // namespace ringway::load
