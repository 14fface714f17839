#pragma once

// Packets that wait for a session. One lcore owns a peer's: its home. Other lcores that find no
// session count their packets in the peer's serial word and send them to the home's staging ring;
// the home puts a keypair in place only when it has received exactly as many as the word counts, so
// that no packet staged before a session leaves behind a later one.

#include <rte_mbuf.h>

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "dataplane/counters.h"

namespace ringway::dataplane {

/// One peer's staged packets, oldest first.
struct StagedPackets {
    rte_mbuf* oldest = nullptr;
    rte_mbuf* newest = nullptr;
    std::uint32_t count = 0;
    /// Read by the control side: does a handshake matter?
    std::atomic<bool> any{false};
};

/// The packets that wait anywhere (staged, for a neighbour) against their bound of 1/8 of the packet
/// pool. Any thread.
class WaitingBudget {
  public:
    explicit WaitingBudget(std::size_t limit) : limit_(limit) {}
    /// False, with nothing taken, when the bound is reached.
    [[nodiscard]] bool take() {
        if (held_.fetch_add(1, std::memory_order_relaxed) < limit_) return true;
        held_.fetch_sub(1, std::memory_order_relaxed);
        return false;
    }
    void give(std::size_t n = 1) { held_.fetch_sub(n, std::memory_order_relaxed); }
    [[nodiscard]] std::size_t held() const { return held_.load(std::memory_order_relaxed); }

  private:
    std::size_t limit_;
    std::atomic<std::size_t> held_{0};
};

/// All packets staged on one home lcore: each peer's list, and one list through all by age, so that
/// the oldest goes first when memory is short. One thread, but for count().
class StagingList {
  public:
    void append(StagedPackets& peer, rte_mbuf* packet);
    /// Takes the peer's oldest, or null.
    rte_mbuf* take(StagedPackets& peer);
    /// The oldest of all, or null; its peer is in meta().peer.
    [[nodiscard]] rte_mbuf* oldest() const { return oldest_; }
    [[nodiscard]] std::size_t count() const { return count_.get(); }

  private:
    rte_mbuf* oldest_ = nullptr;
    rte_mbuf* newest_ = nullptr;
    Gauge count_;
};

}  // namespace ringway::dataplane
