#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <vector>

#include "control/route_mirror.h"
#include "dataplane/counters.h"
#include "dataplane/dataplane.h"

namespace ringway::control {

/// Packets whose next hop the kernel is resolving: a bounded queue for each, released in order when it
/// is known and dropped by name when it is not. Control thread.
class NeighbourQueue final : public NeighbourListener {
  public:
    /// Asks the kernel to resolve a neighbour.
    using Resolve = std::function<void(dataplane::PortIndex, const dataplane::IpAddress&)>;

    NeighbourQueue(dataplane::Dataplane& plane, dataplane::Counters& counters, Resolve resolve);
    ~NeighbourQueue() override;
    NeighbourQueue(const NeighbourQueue&) = delete;
    NeighbourQueue& operator=(const NeighbourQueue&) = delete;

    /// Takes the packets that the lcores could not send, and gives up on those that waited too long.
    /// How many came.
    std::size_t turn();

    void neighbour_usable(dataplane::PortIndex port, const dataplane::IpAddress& address) override;
    void neighbour_failed(dataplane::PortIndex port, const dataplane::IpAddress& address) override;

  private:
    struct Key {
        dataplane::PortIndex port;
        dataplane::IpAddress address;
        auto operator<=>(const Key&) const = default;
    };
    struct Queue {
        std::vector<rte_mbuf*> packets;
        dataplane::Nanoseconds since = 0;
    };

    void take(rte_mbuf* packet, dataplane::Nanoseconds now);
    void drop(rte_mbuf* packet, dataplane::DropReason reason);
    void release(const Key& key, bool usable);

    dataplane::Dataplane& plane_;
    dataplane::Counters& counters_;
    Resolve resolve_;
    std::map<Key, Queue> queues_;
};

}  // namespace ringway::control
