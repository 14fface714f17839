#pragma once

#include <cstdint>

namespace ringway::dataplane {

/// Monotonic nanoseconds; zero stands for "never".
using Nanoseconds = std::uint64_t;

/// The time an lcore goes by, read once per poll. Injected: tests own the time.
class Clock {
  public:
    virtual ~Clock() = default;
    /// From any thread; never goes back.
    [[nodiscard]] virtual Nanoseconds now() const = 0;
};

/// CLOCK_MONOTONIC through the vDSO.
class MonotonicClock final : public Clock {
  public:
    [[nodiscard]] Nanoseconds now() const override;
};

}  // namespace ringway::dataplane
