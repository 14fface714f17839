#pragma once

#include "dataplane/clock.h"

namespace ringway::load {

using dataplane::Nanoseconds;

/// Monotonic time from the CPU's own counter, which costs a few cycles to read.
class TscClock final : public dataplane::Clock {
  public:
    /// REQUIRES: EAL is up, which has measured the counter.
    TscClock();
    [[nodiscard]] Nanoseconds now() const override;
    /// What makes Unix time of now().
    [[nodiscard]] Nanoseconds unix_offset() const { return unix_offset_; }

  private:
    static constexpr unsigned kShift = 32;

    std::uint64_t factor_;  ///< nanoseconds per cycle, times 2^kShift
    std::uint64_t start_;
    Nanoseconds unix_offset_;
};

}  // namespace ringway::load
