#pragma once

#include <cstdint>
#include <vector>

#include "control/log/log.h"
#include "dataplane/clock.h"
#include "dataplane/counters.h"

namespace ringway::control {

/// Says when an lcore no longer turns: it is starved of its CPU, or hangs in a driver. Nothing else can
/// tell, since an lcore that stands still drops nothing. Control thread.
class LcoreWatch {
  public:
    static constexpr dataplane::Nanoseconds kPatience = 2'000'000'000;

    explicit LcoreWatch(const Logger& logger) : logger_(logger) {}

    /// `polls` counts the lcore's turns, idle ones too; it must outlive this. In the lcores' order.
    void add(const dataplane::Counter& polls) { watched_.push_back({&polls}); }
    /// Compares; logs an lcore that has stood still for kPatience once, and once more when it turns again.
    void look(dataplane::Nanoseconds now);
    /// Lcores that stand still, as of the last look().
    [[nodiscard]] std::size_t standing_still() const;
    [[nodiscard]] bool stands_still(std::size_t lcore) const { return watched_[lcore].stands_still; }

  private:
    struct Watched {
        const dataplane::Counter* polls;
        std::uint64_t seen = 0;
        dataplane::Nanoseconds seen_at = 0;  ///< 0: never looked
        bool stands_still = false;
    };

    Logger logger_;
    std::vector<Watched> watched_;
};

}  // namespace ringway::control
