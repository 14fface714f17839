#pragma once

#include <rte_ethdev.h>

#include <array>
#include <cstdint>

namespace ringway::dataplane {

/// What one tx lcore is about to hand to one port. A port that refuses packets fills it; then the
/// peers' queues back up to admission, which drops before crypto (P7).
class TxBuffer {
  public:
    static constexpr std::size_t kCapacity = 64;

    [[nodiscard]] bool full() const { return count_ == kCapacity; }
    [[nodiscard]] std::size_t count() const { return count_; }
    /// REQUIRES: not full.
    void put(rte_mbuf* packet) { packets_[count_++] = packet; }

    /// Offers all to the port; what it refuses stays, in order. How many it took.
    std::size_t flush(std::uint16_t ethdev, std::uint16_t queue) {
        if (count_ == 0) return 0;
        const std::uint16_t sent =
            rte_eth_tx_burst(ethdev, queue, packets_.data(), static_cast<std::uint16_t>(count_));
        for (std::size_t i = sent; i < count_; ++i)
            packets_[i - sent] = packets_[i];
        count_ -= sent;
        return sent;
    }

    /// Frees all; for shutdown. How many there were.
    std::size_t discard() {
        const std::size_t n = count_;
        rte_pktmbuf_free_bulk(packets_.data(), static_cast<unsigned>(n));
        count_ = 0;
        return n;
    }

  private:
    std::array<rte_mbuf*, kCapacity> packets_{};
    std::size_t count_ = 0;
};

}  // namespace ringway::dataplane
