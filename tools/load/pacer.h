#pragma once

#include <algorithm>
#include <cstdint>

#include "dataplane/clock.h"

namespace ringway::load {

using dataplane::Nanoseconds;

/// Says how many packets are due at a rate. What could not be sent in time is made up for as long as it is
/// little. Beyond that it is given up, and counted: as refused if the device did not take what it was
/// offered, and else as late, since then it was the load that got no CPU or is too slow.
class Pacer {
  public:
    /// Packets per second from `start` on.
    Pacer(double rate, Nanoseconds start) : per_nanosecond_(rate / 1e9), start_(start) {
        constexpr double kMakeUpSeconds = 1e-3;
        backlog_ = std::max<std::uint64_t>(kLeastBacklog, static_cast<std::uint64_t>(rate * kMakeUpSeconds));
    }

    /// Packets that should have been sent by now and were not. `refuses`: the device has not taken all so
    /// far.
    [[nodiscard]] std::uint32_t due(Nanoseconds now, bool refuses) {
        const std::uint64_t due = owed(now);
        if (due <= backlog_) return static_cast<std::uint32_t>(due);
        give_up(due - backlog_, refuses);
        return static_cast<std::uint32_t>(backlog_);
    }
    void sent(std::uint32_t packets) { sent_ += packets; }
    /// Nothing more is sent: what is due and is more than the next burst would have been is given up.
    void close(Nanoseconds now, bool refuses) {
        const std::uint64_t due = owed(now);
        if (due > kLeastBacklog) give_up(due - kLeastBacklog, refuses);
    }

    [[nodiscard]] std::uint64_t refused() const { return refused_; }
    [[nodiscard]] std::uint64_t late() const { return late_; }

  private:
    static constexpr std::uint64_t kLeastBacklog = 64;

    [[nodiscard]] std::uint64_t owed(Nanoseconds now) const {
        const auto wanted = static_cast<std::uint64_t>(static_cast<double>(now - start_) * per_nanosecond_);
        const std::uint64_t settled = sent_ + refused_ + late_;
        return wanted > settled ? wanted - settled : 0;
    }
    void give_up(std::uint64_t packets, bool refuses) { (refuses ? refused_ : late_) += packets; }

    double per_nanosecond_;
    Nanoseconds start_;
    std::uint64_t backlog_;
    std::uint64_t sent_ = 0;
    std::uint64_t refused_ = 0;
    std::uint64_t late_ = 0;
};

}  // namespace ringway::load
