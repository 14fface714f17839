#pragma once

#include <algorithm>
#include <cstdint>

#include "control/protocol/plane.h"
#include "tests/simulation/agenda.h"

namespace ringway::simulation {

using control::protocol::Nanoseconds;

/// A node's clocks: the monotonic one runs a little fast or slow and may jump ahead; the wall clock may jump
/// either way.
class NodeClock {
  public:
    NodeClock(WorldTime now, Nanoseconds monotonic, double rate, std::uint64_t unix_nanoseconds)
        : since_(now), then_(monotonic), rate_(rate), wall_ahead_(unix_nanoseconds - monotonic) {}

    [[nodiscard]] Nanoseconds monotonic(WorldTime now) const {
        return then_ + static_cast<Nanoseconds>(static_cast<double>(now - since_) * rate_);
    }
    [[nodiscard]] std::uint64_t wall(WorldTime now) const { return monotonic(now) + wall_ahead_; }
    /// When the monotonic clock will not be before `local` any more.
    [[nodiscard]] WorldTime when(Nanoseconds local, WorldTime now) const {
        if (monotonic(now) >= local) return now;
        auto time = since_ + static_cast<WorldTime>(static_cast<double>(local - then_) / rate_);
        time = std::max(time, now);
        while (monotonic(time) < local)
            ++time;
        return time;
    }

    void jump(WorldTime now, Nanoseconds ahead) {
        then_ = monotonic(now) + ahead;
        since_ = now;
    }
    void jump_wall(std::int64_t by) { wall_ahead_ += static_cast<std::uint64_t>(by); }

  private:
    WorldTime since_;
    Nanoseconds then_;
    double rate_;
    std::uint64_t wall_ahead_;  ///< of the monotonic clock, modulo 2^64
};

}  // namespace ringway::simulation
