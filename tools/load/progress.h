#pragma once

#include <cstdint>
#include <vector>

#include "tools/load/load.h"

namespace ringway::load {

/// A line a second on standard error: what passed in that second, pauses included, and what is missing since
/// the trial began: lost or still under way.
class Progress {
  public:
    Progress(const dataplane::Clock& clock, std::vector<Direction> directions);

    /// Call it often; it looks at the clock.
    void update(Load& load);

  private:
    struct Seen {
        std::uint64_t sent = 0;
        std::uint64_t matched = 0;
    };

    const dataplane::Clock& clock_;
    std::vector<Direction> directions_;
    std::vector<Seen> seen_;
    Nanoseconds start_;
    Nanoseconds told_at_;
    std::uint64_t handshakes_ = 0;
};

}  // namespace ringway::load
