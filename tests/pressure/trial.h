#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "tests/support/siege_part.h"

namespace ringway::tests {

/// How long something is tried: until so much was done or so much time is over, whichever is first.
struct Trial {
    std::uint64_t count = 0;  ///< of what the trial counts
    std::chrono::duration<double> time{0};
    std::uint64_t seed = 1;
    /// Told every now and then how far it is.
    std::function<void(const std::string&)> progress;
};

/// A trial that runs: its time, its row.
class Running {
  public:
    explicit Running(const Trial& trial) : trial_(trial), began_(Clock::now()) {}

    /// Whether the trial ends with `done` of what it counts.
    [[nodiscard]] bool over(std::uint64_t done) const {
        return done >= trial_.count || seconds() >= trial_.time;
    }
    [[nodiscard]] std::chrono::duration<double> seconds() const { return Clock::now() - began_; }
    void say(const std::string& what) const {
        if (trial_.progress) trial_.progress(what);
    }

  private:
    using Clock = std::chrono::steady_clock;
    const Trial& trial_;
    const Clock::time_point began_;
};

}  // namespace ringway::tests
