#pragma once

#include <algorithm>
#include <cstdint>

#include "dataplane/clock.h"

namespace ringway::load {

using dataplane::Nanoseconds;

/// Says how many packets are due at a rate. What could not be sent in time is made up for as long as it is
/// little; beyond that it is given up, and counted.
class Pacer {
  public:
    /// Packets per second from `start` on.
    Pacer(double rate, Nanoseconds start) : per_nanosecond_(rate / 1e9), start_(start) {
        constexpr double kMakeUpSeconds = 1e-3;
        backlog_ = std::max<std::uint64_t>(kLeastBacklog, static_cast<std::uint64_t>(rate * kMakeUpSeconds));
    }

    /// Packets that should have been sent by now and were not.
    [[nodiscard]] std::uint32_t due(Nanoseconds now) {
        const auto wanted = static_cast<std::uint64_t>(static_cast<double>(now - start_) * per_nanosecond_);
        const std::uint64_t settled = sent_ + given_up_;
        std::uint64_t due = wanted > settled ? wanted - settled : 0;
        if (due > backlog_) {
            given_up_ += due - backlog_;
            due = backlog_;
        }
        return static_cast<std::uint32_t>(due);
    }
    void sent(std::uint32_t packets) { sent_ += packets; }

    /// Nothing more is sent: what is due and is more than the next burst would have been is given up.
    void close(Nanoseconds now) {
        const std::uint32_t left = due(now);
        if (left > kLeastBacklog) given_up_ += left - kLeastBacklog;
    }

    [[nodiscard]] std::uint64_t given_up() const { return given_up_; }

  private:
    static constexpr std::uint64_t kLeastBacklog = 64;

    double per_nanosecond_;
    Nanoseconds start_;
    std::uint64_t backlog_;
    std::uint64_t sent_ = 0;
    std::uint64_t given_up_ = 0;
};

}  // namespace ringway::load
