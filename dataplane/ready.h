#pragma once

#include <atomic>

namespace ringway::dataplane {

/// The flag of the ready protocol (architecture.md): whoever completes work raises it and, if it was
/// down, must queue the object; the consumer lowers it before it looks for work, never after. So a
/// completion during a drain queues the object again, an object is queued at most once, and a ring
/// with a place for each object never refuses.
class ReadyFlag {
  public:
    /// True if the caller must queue the object.
    [[nodiscard]] bool raise() { return !raised_.exchange(true, std::memory_order_seq_cst); }
    /// Before the drain. Full barrier: what was completed before a raise() that returned false is
    /// visible to the drain that follows.
    void lower() { (void)raised_.exchange(false, std::memory_order_seq_cst); }
    /// In the total order of raise() and lower(), so that what was stored (seq_cst) before a look that
    /// found the flag up is seen by whoever lowers it.
    [[nodiscard]] bool is_raised() const { return raised_.load(std::memory_order_seq_cst); }

  private:
    std::atomic<bool> raised_{false};
};

}  // namespace ringway::dataplane
