#pragma once

#include <rte_prefetch.h>

#include <atomic>
#include <cstdint>

#include "crypto/prefetch.h"
#include "dataplane/bundle_pool.h"
#include "dataplane/ready.h"
#include "dataplane/serial_word.h"

namespace ringway::dataplane {

/// One peer's bundles of one direction, in order. Intrusive: it costs a configured peer no ring
/// memory. Any rx lcore links at the tail; the peer's tx lcore alone takes from the head. `Bundles` is the
/// pool, or an lcore's share of it.
///
/// Between the compare-and-swap that makes a bundle the tail and the store that links it to its
/// predecessor, a producer may be preempted. The consumer then finds a head without successor that
/// is not the tail, keeps the emptied head as a husk, and goes on when the link is there; the
/// bundle's own completion, which follows the link, makes it look again. (As a model: tests/model.)
class SerialQueue {
  public:
    // --- producers ---

    [[nodiscard]] SerialState glance() const { return word_.glance(); }

    /// Makes `bundle` the new tail and `next_counter` the word's counter, or does nothing and returns
    /// false because the word has moved on. REQUIRES: the bundle is fully written.
    template <typename Bundles>
    [[nodiscard]] bool link(Bundles& pool, const SerialState& expected, Bundle* bundle,
                            std::uint64_t next_counter) {
        const BundleIndex index = pool.index_of(bundle);
        const std::uint32_t count = bundle->count;
        add_among_lcores(queued_, count, pool.sharing());
        if (!word_.compare_exchange(expected, {index, expected.keypair, next_counter}, pool.sharing())) {
            add_among_lcores(queued_, ~count + 1, pool.sharing());
            return false;
        }
        // The predecessor can't be freed meanwhile: the consumer frees only a bundle that is
        // linked on, or that it has taken off the tail.
        if (expected.tail == kNoBundle) {
            head_.store(index, std::memory_order_release);
        } else {
            pool.at(expected.tail).next.store(index, std::memory_order_release);
        }
        return true;
    }

    /// Replaces keypair and counter, the tail untouched. False if the word has moved on.
    [[nodiscard]] bool exchange_keypair(const SerialState& expected, KeypairIndex keypair,
                                        std::uint64_t counter, Sharing sharing = Sharing::shared) {
        return word_.compare_exchange(expected, {expected.tail, keypair, counter}, sharing);
    }

    /// Packets linked and not yet released; what admission (P7) goes by. Read in this order it is too
    /// small, never too large, if the caller is preempted in the middle: "full" is always true.
    [[nodiscard]] std::uint32_t depth() const {
        const std::uint32_t queued = queued_.load(std::memory_order_acquire);
        const std::uint32_t released = released_.load(std::memory_order_relaxed);
        return static_cast<std::int32_t>(queued - released) > 0 ? queued - released : 0;
    }

    /// A while before link().
    void prefetch_to_link() const {
        crypto::prefetch_to_write(&word_);
        rte_prefetch0(&head_);
    }
    /// A while before ready() is raised or lowered: what is fetched to be read and then written is asked of
    /// the other lcore twice.
    void prefetch_to_signal() const { crypto::prefetch_to_write(&head_); }

    /// Whether something is done at the head: see dataplane/ready.h.
    [[nodiscard]] ReadyFlag& ready() { return ready_; }
    [[nodiscard]] const ReadyFlag& ready() const { return ready_; }

    // --- the consumer: the peer's tx lcore ---

    /// A while before it comes here.
    void prefetch_to_drain() const {
        crypto::prefetch_to_write(&head_);
        rte_prefetch0(&word_);
    }
    /// Where the head was a moment ago, emptied perhaps.
    [[nodiscard]] BundleIndex peek() const { return head_.load(std::memory_order_acquire); }

    /// The oldest bundle, whatever its state, or null.
    template <typename Bundles>
    [[nodiscard]] Bundle* head(Bundles& pool) {
        const BundleIndex index = head_.load(std::memory_order_acquire);
        if (index == kNoBundle) return nullptr;
        Bundle* bundle = &pool.at(index);
        if (!husk_) return bundle;
        if (!retire(pool, bundle)) return nullptr;
        return head(pool);
    }

    /// Packets of the head that have left; makes room for admission.
    void release(std::uint32_t packets) {
        released_.store(released_.load(std::memory_order_relaxed) + packets, std::memory_order_release);
    }

    /// Takes off the head, all of whose packets have left.
    template <typename Bundles>
    void pop(Bundles& pool) {
        husk_ = true;
        (void)retire(pool, &pool.at(head_.load(std::memory_order_relaxed)));
    }

    /// Nothing linked, nothing about to be: with the peer unpublished it stays so.
    [[nodiscard]] bool empty() const { return word_.glance().tail == kNoBundle; }

  private:
    /// Frees the emptied head if its successor is linked or it can be taken off the tail.
    template <typename Bundles>
    [[nodiscard]] bool retire(Bundles& pool, Bundle* bundle) {
        const BundleIndex self = pool.index_of(bundle);
        BundleIndex next = bundle->next.load(std::memory_order_acquire);
        if (next == kNoBundle) {
            SerialState seen = word_.glance();
            // The head goes first: once the tail says "none", a producer sets the head.
            if (seen.tail == self) {
                head_.store(kNoBundle, std::memory_order_relaxed);
                while (seen.tail == self) {
                    if (word_.compare_exchange(seen, {kNoBundle, seen.keypair, seen.counter},
                                               pool.sharing())) {
                        husk_ = false;
                        pool.give(bundle);
                        return true;
                    }
                    seen = word_.glance();
                }
                head_.store(self, std::memory_order_relaxed);
            }
            next = bundle->next.load(std::memory_order_acquire);
            if (next == kNoBundle) return false;
        }
        head_.store(next, std::memory_order_relaxed);
        husk_ = false;
        pool.give(bundle);
        return true;
    }

    // Producers' line.
    alignas(64) SerialWord word_;
    std::atomic<std::uint32_t> queued_{0};
    // Consumer's line, with the flag that calls it here. head_ is written by a producer only when the queue
    // was empty.
    alignas(64) std::atomic<BundleIndex> head_{kNoBundle};
    std::atomic<std::uint32_t> released_{0};
    bool husk_ = false;
    ReadyFlag ready_;
};

}  // namespace ringway::dataplane
