#pragma once

#include <atomic>

#include "dataplane/sharing.h"

namespace ringway::dataplane {

/// The flag of the ready protocol (architecture.md): whoever completes work raises it and, if it was
/// down, must queue the object; the consumer lowers it before it looks for work, never after. So a
/// completion during a drain queues the object again, an object is queued at most once, and a ring
/// with a place for each object never refuses. (As a model: tests/model.)
class ReadyFlag {
  public:
    /// True if the caller must queue the object. `lone`: only one lcore ever raises and lowers it.
    [[nodiscard]] bool raise(Sharing sharing = Sharing::shared) { return !exchange(true, sharing); }
    /// Before the drain. Full barrier: what was completed before a raise() that returned false is
    /// visible to the drain that follows.
    void lower(Sharing sharing = Sharing::shared) { (void)exchange(false, sharing); }
    /// In the total order of raise() and lower(), so that what was stored (seq_cst) before a look that
    /// found the flag up is seen by whoever lowers it.
    [[nodiscard]] bool is_raised() const { return raised_.load(std::memory_order_seq_cst); }

  private:
    bool exchange(bool raised, Sharing sharing) {
        if (sharing == Sharing::shared) return raised_.exchange(raised, std::memory_order_seq_cst);
        const bool before = raised_.load(std::memory_order_relaxed);
        raised_.store(raised, std::memory_order_release);
        return before;
    }

    std::atomic<bool> raised_{false};
};

}  // namespace ringway::dataplane
