#include "tools/load/progress.h"

#include <fmt/format.h>

#include <cstdio>
#include <string>
#include <utility>

namespace ringway::load {
namespace {

constexpr Nanoseconds kSecond = 1'000'000'000;

/// "1234567" as "1.235 M".
std::string short_number(double number) {
    constexpr double kThousand = 1e3;
    constexpr double kMillion = 1e6;
    if (number < kThousand) return fmt::format("{:.0f}", number);
    if (number < kMillion) return fmt::format("{:.1f} k", number / kThousand);
    return fmt::format("{:.3f} M", number / kMillion);
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
    bool goes_on = true;
    for (std::size_t i = 0; i < directions_.size(); ++i) {
        const DirectionCounts& counts = load.state(directions_[i]).counts;
        const Seen before = std::exchange(seen_[i], {counts.sent, counts.matched});
        goes_on = goes_on && before.sent <= counts.sent && before.matched <= counts.matched;
        line += fmt::format("   {} {}/s out, {}/s back, {} missing, {} corrupt", to_string(directions_[i]),
                            short_number(static_cast<double>(counts.sent - before.sent) / seconds),
                            short_number(static_cast<double>(counts.matched - before.matched) / seconds),
                            counts.lost(), counts.corrupt);
    }
    if (directions_.empty()) {
        const std::uint64_t answered = load.handshaker().counts().responses_received;
        const std::uint64_t before = std::exchange(handshakes_, answered);
        goes_on = before <= answered;
        line +=
            fmt::format("   {} handshakes/s", short_number(static_cast<double>(answered - before) / seconds));
    }
    // Where counts began anew, this second belongs to two trials.
    if (goes_on) std::fprintf(stderr, "%s\n", line.c_str());
}

}  // namespace ringway::load
