#include "tools/load/progress.h"

#include <fmt/format.h>

#include <cstdio>
#include <utility>

namespace ringway::load {
namespace {

constexpr Nanoseconds kSecond = 1'000'000'000;

/// Packets of a second; a trial that began anew counts from zero.
double per_second(std::uint64_t now, std::uint64_t& before, double seconds) {
    const std::uint64_t more = now >= before ? now - before : now;
    before = now;
    return static_cast<double>(more) / seconds;
}

}  // namespace

Progress::Progress(const dataplane::Clock& clock, std::vector<Direction> directions)
    : clock_(clock),
      directions_(std::move(directions)),
      seen_(directions_.size()),
      start_(clock.now()),
      told_at_(start_) {}

void Progress::update(Load& load) {
    const Nanoseconds now = clock_.now();
    if (now - told_at_ < kSecond) return;
    const double seconds = static_cast<double>(now - told_at_) / kSecond;
    told_at_ = now;
    std::string line = fmt::format("{:4} s", (now - start_) / kSecond);
    for (std::size_t i = 0; i < directions_.size(); ++i) {
        const DirectionState& state = load.state(directions_[i]);
        const double sent = per_second(state.counts.sent, seen_[i].sent, seconds);
        const double received = per_second(state.counts.matched, seen_[i].matched, seconds);
        line +=
            fmt::format("   {}: {:.0f}/s out, {:.0f}/s back, {} under way or lost, {} corrupt",
                        to_string(directions_[i]), sent, received, state.counts.lost(), state.counts.corrupt);
    }
    if (directions_.empty()) {
        const double answered =
            per_second(load.handshaker().counts().responses_received, handshakes_, seconds);
        line += fmt::format("   {:.0f} handshakes/s", answered);
    }
    std::fprintf(stderr, "%s\n", line.c_str());
}

}  // namespace ringway::load
