#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "dataplane/clock.h"
#include "dataplane/drop_reason.h"

namespace ringway::dataplane {

/// What was dropped of one peer's packets: how many, and the last of it with its reason, for whoever asks
/// why a peer has no traffic. Any lcore adds; drops are off the fast way, so one atomic addition is cheap
/// enough. The control side reads.
class PeerDrops {
  public:
    void add(DropReason reason, Nanoseconds now, std::uint64_t packets = 1) {
        count_.fetch_add(packets, std::memory_order_relaxed);
        last_reason_.store(reason, std::memory_order_relaxed);
        last_at_.store(now, std::memory_order_relaxed);
    }
    [[nodiscard]] std::uint64_t count() const { return count_.load(std::memory_order_relaxed); }
    /// Nothing if there was none. Reason and time may come from two drops that met.
    [[nodiscard]] std::optional<DropReason> last_reason() const {
        if (count() == 0) return std::nullopt;
        return last_reason_.load(std::memory_order_relaxed);
    }
    [[nodiscard]] Nanoseconds last_at() const { return last_at_.load(std::memory_order_relaxed); }

  private:
    std::atomic<std::uint64_t> count_{0};
    std::atomic<Nanoseconds> last_at_{0};
    std::atomic<DropReason> last_reason_{};
};

}  // namespace ringway::dataplane
