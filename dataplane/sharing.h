#pragma once

#include <atomic>
#include <cstdint>

namespace ringway::dataplane {

/// How many lcores there are: what they change among themselves needs no bus lock when there is one. (All
/// other threads only read it.)
enum class Sharing : std::uint8_t { lone, shared };

/// Adds to what only lcores change. Relaxed.
template <typename Integer>
void add_among_lcores(std::atomic<Integer>& to, Integer n, Sharing sharing) {
    if (sharing == Sharing::shared) {
        to.fetch_add(n, std::memory_order_relaxed);
    } else {
        to.store(static_cast<Integer>(to.load(std::memory_order_relaxed) + n), std::memory_order_relaxed);
    }
}

}  // namespace ringway::dataplane
