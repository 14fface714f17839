#pragma once

#include <atomic>
#include <chrono>

#include "dataplane/clock.h"

namespace ringway::tests {

/// A clock that stands until the test moves it.
class ManualClock final : public dataplane::Clock {
  public:
    [[nodiscard]] dataplane::Nanoseconds now() const override { return now_.load(std::memory_order_relaxed); }
    void advance(std::chrono::nanoseconds by) {
        now_.fetch_add(static_cast<dataplane::Nanoseconds>(by.count()), std::memory_order_relaxed);
    }

  private:
    std::atomic<dataplane::Nanoseconds> now_{1'000'000'000'000};
};

}  // namespace ringway::tests
