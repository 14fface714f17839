#include "tools/benchmarks/stage_costs.h"

#include <utility>

namespace ringway::bench {

StageCosts::StageCosts(std::string direction, std::string suffix)
    : direction_(std::move(direction)), suffix_(std::move(suffix)) {}

StageCosts::Work StageCosts::Work::of(BareGateway& gateway) {
    const dataplane::Counters& counters = gateway.lcore(0).counters;
    Work work;
    work.packets = counters.out.get();
    work.aead_calls = counters.aead_calls.get();
    work.bundles = counters.bundles.get();
    work.ring_operations = counters.ring_operations.get();
    for (std::size_t i = 0; i < dataplane::kStages; ++i)
        work.cycles[i] = counters.stage_cycles[i].get();
    return work;
}

void StageCosts::end(BareGateway& gateway) {
    const Work now = Work::of(gateway);
    const auto packets = static_cast<double>(now.packets - before_.packets);
    for (std::size_t i = 0; i < dataplane::kStages; ++i)
        cycles_[i].push_back(static_cast<double>(now.cycles[i] - before_.cycles[i]) / packets);
    per_call_.push_back(packets / static_cast<double>(now.aead_calls - before_.aead_calls));
    per_bundle_.push_back(packets / static_cast<double>(now.bundles - before_.bundles));
    ring_operations_.push_back(static_cast<double>(now.ring_operations - before_.ring_operations) / packets);
}

void StageCosts::report(std::vector<Result>& results) const {
    const auto add = [&](std::string_view what, const char* unit, const std::vector<double>& runs) {
        const std::string name = "stage/" + std::string(what) + "/" + direction_ + "/" + suffix_;
        results.push_back({.name = name, .unit = unit, .ratio_to = "", .runs = runs, .others = {}});
    };
    for (std::size_t i = 0; i < dataplane::kStages; ++i)
        add(dataplane::kStageNames[i], "cycles/packet", cycles_[i]);
    add("aead_call", "packets", per_call_);
    add("bundle", "packets", per_bundle_);
    add("ring", "operations/packet", ring_operations_);
}

}  // namespace ringway::bench
