#pragma once

#include <rte_malloc.h>
#include <rte_ring.h>
#include <rte_ring_elem.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <memory>
#include <new>
#include <span>
#include <stdexcept>
#include <type_traits>

#include "dataplane/sharing.h"

namespace ringway::dataplane {

/// How many threads use one end of a ring at a time. `many` is the head/tail-sync mode: a thread
/// preempted in the middle holds up only its own end, never leaves a gap behind (architecture.md,
/// Preemption).
enum class RingUsers : std::uint8_t { one, many };

/// Of a ring end that any lcore uses.
[[nodiscard]] constexpr RingUsers users_of(Sharing sharing) {
    return sharing == Sharing::shared ? RingUsers::many : RingUsers::one;
}

/// A bounded first-in first-out queue between threads, on DPDK's rte_ring. `Item` is a pointer or a
/// small struct whose size is a multiple of four. Never allocates after construction.
template <typename Item>
class Ring {
    static constexpr unsigned kItemBytes =
        sizeof(Item);  // NOLINT(bugprone-sizeof-expression): may be a pointer
    static_assert(std::is_trivially_copyable_v<Item> && kItemBytes % 4 == 0);

  public:
    /// Room for `capacity` items, rounded up to a power of two. REQUIRES: EAL is up. Throws
    /// std::bad_alloc or std::invalid_argument.
    Ring(std::size_t capacity, RingUsers producers, RingUsers consumers) {
        const auto slots = static_cast<unsigned>(std::bit_ceil(capacity + 1));
        const ssize_t bytes = rte_ring_get_memsize_elem(kItemBytes, slots);
        if (bytes < 0) throw std::invalid_argument("ring too large");
        ring_.reset(static_cast<rte_ring*>(rte_zmalloc("ring", static_cast<std::size_t>(bytes), 64)));
        if (!ring_) throw std::bad_alloc();
        const unsigned flags = (producers == RingUsers::one ? RING_F_SP_ENQ : RING_F_MP_HTS_ENQ) |
                               (consumers == RingUsers::one ? RING_F_SC_DEQ : RING_F_MC_HTS_DEQ);
        if (rte_ring_init(ring_.get(), "ring", slots, flags) != 0) throw std::invalid_argument("ring");
    }

    [[nodiscard]] bool push(Item item) { return rte_ring_enqueue_elem(ring_.get(), &item, kItemBytes) == 0; }
    /// How many of `items` went in, from the front.
    [[nodiscard]] std::size_t push_some(std::span<const Item> items) {
        return rte_ring_enqueue_burst_elem(ring_.get(), items.data(), kItemBytes,
                                           static_cast<unsigned>(items.size()), nullptr);
    }
    [[nodiscard]] bool pop(Item& item) { return rte_ring_dequeue_elem(ring_.get(), &item, kItemBytes) == 0; }
    /// How many were taken into the front of `items`.
    [[nodiscard]] std::size_t pop_some(std::span<Item> items) {
        return rte_ring_dequeue_burst_elem(ring_.get(), items.data(), kItemBytes,
                                           static_cast<unsigned>(items.size()), nullptr);
    }
    /// Never more than there were, or have been put in meanwhile. As rte_ring_count, which reads plainly
    /// what others write, and takes a ring for full if it is preempted between its two reads.
    [[nodiscard]] std::size_t size() const {
        const std::uint32_t taken = __atomic_load_n(&ring_->cons.tail, __ATOMIC_ACQUIRE);
        const std::uint32_t put = __atomic_load_n(&ring_->prod.tail, __ATOMIC_ACQUIRE);
        return std::min(put - taken, ring_->capacity);
    }
    [[nodiscard]] std::size_t capacity() const { return rte_ring_get_capacity(ring_.get()); }
    [[nodiscard]] bool empty() const { return size() == 0; }

  private:
    struct Free {
        void operator()(rte_ring* ring) const { rte_free(ring); }
    };
    std::unique_ptr<rte_ring, Free> ring_;
};

}  // namespace ringway::dataplane
