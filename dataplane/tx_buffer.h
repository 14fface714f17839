#pragma once

#include <rte_ethdev.h>

#include <array>
#include <cstdint>

#include "dataplane/clock.h"
#include "dataplane/counters.h"

namespace ringway::dataplane {

/// What one tx lcore is about to hand to one port. A port that refuses packets fills it; then the
/// peers' queues back up to admission, which drops before crypto (P7). A port that takes nothing at all
/// for kPatience is down: what stands before it must not hold up what goes elsewhere.
class TxBuffer {
  public:
    static constexpr std::size_t kCapacity = 64;
    static constexpr Nanoseconds kPatience = 1'000'000'000;

    [[nodiscard]] bool full() const { return count() == kCapacity; }
    /// Any thread.
    [[nodiscard]] std::size_t count() const { return count_.get(); }
    /// REQUIRES: not full.
    void put(rte_mbuf* packet) {
        packets_[count()] = packet;
        count_.set(count() + 1);
    }

    /// Offers all to the port; what it refuses stays, in order. How many it took.
    std::size_t flush(std::uint16_t ethdev, std::uint16_t queue, Nanoseconds now) {
        const std::size_t n = count();
        if (n == 0) return 0;
        const std::uint16_t sent =
            rte_eth_tx_burst(ethdev, queue, packets_.data(), static_cast<std::uint16_t>(n));
        for (std::size_t i = sent; i < n; ++i)
            packets_[i - sent] = packets_[i];
        count_.set(n - sent);
        if (sent != 0) {
            refusing_since_ = 0;
        } else if (refusing_since_ == 0) {
            refusing_since_ = now;
        }
        return sent;
    }
    [[nodiscard]] bool is_down(Nanoseconds now) const {
        return refusing_since_ != 0 && now - refusing_since_ > kPatience;
    }

    /// Frees all; for shutdown. How many there were.
    std::size_t discard() {
        const std::size_t n = count();
        rte_pktmbuf_free_bulk(packets_.data(), static_cast<unsigned>(n));
        count_.set(0);
        return n;
    }

  private:
    std::array<rte_mbuf*, kCapacity> packets_{};
    Gauge count_;
    Nanoseconds refusing_since_ = 0;  ///< 0: it took something last time
};

}  // namespace ringway::dataplane
