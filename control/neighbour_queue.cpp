#include "control/neighbour_queue.h"

#include <rte_mbuf.h>

#include <array>

#include "dataplane/packet.h"

namespace ringway::control {

using dataplane::DropReason;
using dataplane::Nanoseconds;

namespace {

constexpr std::size_t kBatch = 64;
/// Packets that wait for one next hop; the kernel's own queue holds about as many.
constexpr std::size_t kPerNeighbour = 100;
/// Next hops that are waited for at once; the kernel's own bound (gc_thresh3).
constexpr std::size_t kMaxNeighbours = 1024;
/// The kernel asks three times, a second apart.
constexpr Nanoseconds kPatience = 4'000'000'000;

}  // namespace

NeighbourQueue::NeighbourQueue(dataplane::Dataplane& plane, dataplane::Counters& counters, Resolve resolve)
    : plane_(plane), counters_(counters), resolve_(std::move(resolve)) {}

NeighbourQueue::~NeighbourQueue() {
    for (auto& [key, queue] : queues_) {
        for (rte_mbuf* packet : queue.packets)
            drop(packet, DropReason::shutdown);
    }
}

void NeighbourQueue::drop(rte_mbuf* packet, DropReason reason) {
    plane_.waiting.give();
    plane_.held_by_control.fetch_sub(1, std::memory_order_relaxed);
    counters_.drop(reason);
    rte_pktmbuf_free(packet);
}

void NeighbourQueue::take(rte_mbuf* packet, Nanoseconds now) {
    const dataplane::PacketMeta& m = dataplane::meta(packet);
    const Key key{m.port, m.to.remote};
    const auto known = queues_.find(key);
    const bool is_full = known != queues_.end() ? known->second.packets.size() >= kPerNeighbour
                                                : queues_.size() >= kMaxNeighbours;
    if (is_full || !plane_.waiting.take()) {
        counters_.drop(DropReason::neighbour_queue_full);
        rte_pktmbuf_free(packet);
        return;
    }
    Queue& queue = queues_[key];
    plane_.held_by_control.fetch_add(1, std::memory_order_relaxed);
    if (queue.packets.empty()) {
        queue.since = now;
        resolve_(key.port, key.address);
    }
    queue.packets.push_back(packet);
    // It may have been resolved while the packet was on its way here.
    if (plane_.neighbours.lookup(key.port, key.address).is_usable()) release(key, true);
}

std::size_t NeighbourQueue::turn() {
    const Nanoseconds now = plane_.clock.now();
    std::array<rte_mbuf*, kBatch> packets;
    const std::size_t n = plane_.unresolved.pop_some(packets);
    for (std::size_t i = 0; i < n; ++i)
        take(packets[i], now);
    for (auto it = queues_.begin(); it != queues_.end();) {
        const Key key = it->first;
        const bool over = now - it->second.since > kPatience;
        ++it;
        if (over) release(key, false);
    }
    return n;
}

void NeighbourQueue::release(const Key& key, bool usable) {
    const auto found = queues_.find(key);
    if (found == queues_.end()) return;
    const std::vector<rte_mbuf*> packets = std::move(found->second.packets);
    queues_.erase(found);
    for (rte_mbuf* packet : packets) {
        if (!usable) {
            drop(packet, DropReason::neighbour_failed);
        } else if (!plane_.submitter(key.port).tx->submitted.push(packet)) {
            drop(packet, DropReason::submit_queue_full);
        } else {
            plane_.waiting.give();
            plane_.held_by_control.fetch_sub(1, std::memory_order_relaxed);
        }
    }
}

void NeighbourQueue::neighbour_usable(dataplane::PortIndex port, const dataplane::IpAddress& address) {
    release({port, address}, true);
}

void NeighbourQueue::neighbour_failed(dataplane::PortIndex port, const dataplane::IpAddress& address) {
    release({port, address}, false);
}

}  // namespace ringway::control
