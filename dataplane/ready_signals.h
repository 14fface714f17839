#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "dataplane/dataplane.h"
#include "dataplane/lcore.h"

namespace ringway::dataplane {

/// Raises the flags of queues that have something done, and tells their tx lcores in as few ring operations
/// as can be (ready protocol). What was raised is told when this object goes, at the latest. One thread.
class ReadySignals {
  public:
    explicit ReadySignals(Lcore& lcore) : lcore_(lcore) {}
    ~ReadySignals() { flush(); }
    ReadySignals(const ReadySignals&) = delete;
    ReadySignals& operator=(const ReadySignals&) = delete;

    /// `tx`: which tx lcore is the peer's.
    void signal(const Ready& ready, std::uint16_t tx) {
        Dataplane& plane = lcore_.plane;
        if (!plane.peers[ready.peer].queue(ready.direction).ready().raise(plane.sharing)) return;
        if (count_ == waiting_.size() || tx != tx_) flush();
        tx_ = tx;
        waiting_[count_++] = ready;
    }

  private:
    void flush() {
        if (count_ == 0) return;
        lcore_.counters.ring_operations.add();
        // It has a place for every queue, and a queue is in it once at most.
        (void)lcore_.plane.tx_lcore(tx_).tx->ready.push_some({waiting_.data(), count_});
        count_ = 0;
    }

    Lcore& lcore_;
    std::uint16_t tx_ = 0;
    std::size_t count_ = 0;
    std::array<Ready, 64> waiting_;
};

}  // namespace ringway::dataplane
