#include "tools/load/measure.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "tools/load/rate_search.h"

namespace ringway::load {
namespace {

/// A trial in which the load itself was late more often says nothing of the rate it was for.
constexpr double kMostLate = 0.1;

using OnStep = std::function<void(const Step&)>;

Step run(Load& load, const TrialPlan& plan, const Stop& stop) {
    return {.rate = plan.rate, .result = run_trial(load, plan, stop), .passed = true};
}

std::size_t median(const std::vector<Step>& steps) {
    std::vector<std::size_t> order(steps.size());
    std::iota(order.begin(), order.end(), 0);
    std::ranges::sort(order, {}, [&](std::size_t i) { return steps[i].received_per_second(); });
    return order[order.size() / 2];
}

Measurement repeat(Load& load, const MeasurePlan& plan, const Stop& stop, const OnStep& on_step) {
    Measurement measured;
    for (unsigned i = 0; i < plan.runs && !stop(); ++i) {
        measured.steps.push_back(run(load, plan.trial, stop));
        on_step(measured.steps.back());
    }
    if (!measured.steps.empty()) measured.answer = median(measured.steps);
    return measured;
}

/// The slower direction's rate in a closed loop: no more than that can pass.
double first_guess(Load& load, TrialPlan plan, const Stop& stop) {
    plan.rate = 0;
    const TrialResult result = run_trial(load, plan, stop);
    double least = std::numeric_limits<double>::max();
    for (const auto& [direction, part] : result.directions)
        least = std::min(least, part.received_per_second());
    return std::max(least, 1.0);
}

Measurement search(Load& load, const MeasurePlan& plan, const Stop& stop, const OnStep& on_step) {
    const SearchOptions& options = *plan.search;
    const double most = options.most > 0 ? options.most : std::numeric_limits<double>::max();
    Measurement measured;
    RateSearch rates(std::min(first_guess(load, plan.trial, stop), most), most, options.precision);
    while (const auto rate = rates.next()) {
        TrialPlan trial = plan.trial;
        trial.rate = *rate;
        Step step = run(load, trial, stop);
        if (stop()) break;  // cut short: it says nothing
        step.passed = step.loss() <= options.max_loss && step.lateness() <= kMostLate;
        rates.tell(step.passed);
        measured.steps.push_back(step);
        if (step.passed) measured.answer = measured.steps.size() - 1;
        on_step(step);
    }
    return measured;
}

}  // namespace

double Step::received_per_second() const {
    double sum = 0;
    for (const auto& [direction, part] : result.directions)
        sum += part.received_per_second();
    return sum;
}

double Step::loss() const {
    double most = 0;
    for (const auto& [direction, part] : result.directions)
        most = std::max(most, part.loss());
    return most;
}

double Step::lateness() const {
    double most = 0;
    for (const auto& [direction, part] : result.directions)
        most = std::max(most, part.lateness());
    return most;
}

Measurement measure(Load& load, const MeasurePlan& plan, const Stop& stop, const OnStep& on_step) {
    if (plan.warm_up > 0) {
        TrialPlan warm_up = plan.trial;
        warm_up.duration = plan.warm_up;
        (void)run_trial(load, warm_up, stop);
    }
    return plan.search ? search(load, plan, stop, on_step) : repeat(load, plan, stop, on_step);
}

}  // namespace ringway::load
