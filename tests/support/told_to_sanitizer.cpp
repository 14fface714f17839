#include "tests/support/told_to_sanitizer.h"

#ifdef __SANITIZE_THREAD__

#include <rte_ethdev.h>
#include <rte_mempool.h>
#include <sanitizer/tsan_interface.h>

#include <array>
#include <cstring>

namespace ringway::tests {
namespace {

rte_mempool_ops plain_ops;

int put(rte_mempool* pool, void* const* objects, unsigned count) {
    __tsan_release(pool);
    return plain_ops.enqueue(pool, objects, count);
}

int get(rte_mempool* pool, void** objects, unsigned count) {
    const int result = plain_ops.dequeue(pool, objects, count);
    __tsan_acquire(pool);
    return result;
}

/// An address for each device and direction.
struct Sides {
    char received = 0;
    char sent = 0;
};
std::array<Sides, RTE_MAX_ETHPORTS> sides;

std::uint16_t after_receiving(std::uint16_t ethdev, std::uint16_t, rte_mbuf*[], std::uint16_t count,
                              std::uint16_t, void*) {
    __tsan_acquire(&sides[ethdev].received);
    return count;
}

std::uint16_t before_sending(std::uint16_t ethdev, std::uint16_t, rte_mbuf*[], std::uint16_t count, void*) {
    __tsan_release(&sides[ethdev].sent);
    return count;
}

}  // namespace

void tell_sanitizer_of_pools() {
    for (unsigned i = 0; i < rte_mempool_ops_table.num_ops; ++i) {
        rte_mempool_ops& ops = rte_mempool_ops_table.ops[i];
        if (std::strcmp(ops.name, "ring_mt_hts") != 0) continue;
        plain_ops = ops;
        ops.enqueue = put;
        ops.dequeue = get;
        return;
    }
}

void tell_sanitizer_of_device(std::uint16_t ethdev, std::uint16_t rx_queues, std::uint16_t tx_queues) {
    for (std::uint16_t q = 0; q < rx_queues; ++q)
        (void)rte_eth_add_rx_callback(ethdev, q, after_receiving, nullptr);
    for (std::uint16_t q = 0; q < tx_queues; ++q)
        (void)rte_eth_add_tx_callback(ethdev, q, before_sending, nullptr);
}

void tell_sanitizer_taken(std::uint16_t ethdev) {
    __tsan_acquire(&sides[ethdev].sent);
}

void tell_sanitizer_given(std::uint16_t ethdev) {
    __tsan_release(&sides[ethdev].received);
}

}  // namespace ringway::tests

#else

namespace ringway::tests {

void tell_sanitizer_of_pools() {}
void tell_sanitizer_of_device(std::uint16_t, std::uint16_t, std::uint16_t) {}
void tell_sanitizer_taken(std::uint16_t) {}
void tell_sanitizer_given(std::uint16_t) {}

}  // namespace ringway::tests

#endif
