#pragma once

// Deferred frees: how the control side takes memory away from lcores that may still be reading it.
// Lcores read published structures without locks and say from time to time that they hold no
// reference (quiescent-state-based RCU, DPDK's rte_rcu_qsbr); what was unpublished before every
// reader has said so once is safe to free.

#include <rte_rcu_qsbr.h>

#include <cstdint>
#include <cstdlib>
#include <deque>
#include <functional>
#include <memory>

namespace ringway::dataplane {

/// The readers of all RCU-protected tables, and where each of them stands.
class Rcu {
  public:
    /// A point in time on the writers' side.
    using Token = std::uint64_t;

    /// Reader ids are 0 to max_readers - 1, one per lcore. Throws std::bad_alloc.
    explicit Rcu(unsigned max_readers);

    /// Reader side, each call by the thread that owns `reader`. A reader is registered and offline at
    /// first; only an online reader may read, and only an online one holds up frees.
    void register_reader(unsigned reader);
    void unregister_reader(unsigned reader);
    void online(unsigned reader) { rte_rcu_qsbr_thread_online(state_.get(), reader); }
    /// Before sleeping or blocking. The reader holds no reference from here to the next online().
    void offline(unsigned reader) { rte_rcu_qsbr_thread_offline(state_.get(), reader); }
    /// The reader holds no reference at this moment: once per round of its polling loop.
    void quiescent(unsigned reader) { rte_rcu_qsbr_quiescent(state_.get(), reader); }

    /// Writer side, the control thread: a token taken after something was unpublished has passed
    /// once no reader can hold a reference to it. Neither call blocks.
    [[nodiscard]] Token start() { return rte_rcu_qsbr_start(state_.get()); }
    [[nodiscard]] bool passed(Token token) { return rte_rcu_qsbr_check(state_.get(), token, false) == 1; }

  private:
    struct Free {
        void operator()(rte_rcu_qsbr* state) const { std::free(state); }
    };
    std::unique_ptr<rte_rcu_qsbr, Free> state_;
};

/// A queue of frees that wait for their grace period. Control thread only. Never blocks, except in
/// drain().
class Reclaimer {
  public:
    explicit Reclaimer(Rcu& rcu) : rcu_(rcu) {}
    /// Frees what still waits. REQUIRES: no reader is left.
    ~Reclaimer();
    Reclaimer(const Reclaimer&) = delete;
    Reclaimer& operator=(const Reclaimer&) = delete;

    /// Calls `free` from a later poll(), after a grace period that begins now: unpublish first, then
    /// defer. `free` may defer again.
    void defer(std::function<void()> free);

    /// Deletes `object` after a grace period.
    template <typename T>
    void defer(std::unique_ptr<T> object) {
        defer([raw = object.release()] { delete raw; });
    }

    /// Runs the frees whose grace period has passed, in the order they were deferred. Call it
    /// regularly; cost follows what is freed.
    void poll();
    /// Polls until nothing waits: for shutdown and tests. REQUIRES: every online reader keeps passing
    /// through quiescent states, or goes offline, without help of the calling thread.
    void drain();

    [[nodiscard]] std::size_t pending() const { return waiting_.size(); }

  private:
    struct Waiting {
        Rcu::Token token;
        std::function<void()> free;
    };
    void free_first();

    Rcu& rcu_;
    std::deque<Waiting> waiting_;
};

}  // namespace ringway::dataplane
