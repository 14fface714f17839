#include "dataplane/rx.h"

#include <rte_ethdev.h>

#include <array>

#include "dataplane/classify.h"
#include "dataplane/dataplane.h"
#include "dataplane/home.h"
#include "dataplane/inbound.h"
#include "dataplane/lcore.h"
#include "dataplane/outbound.h"
#include "dataplane/packet.h"

namespace ringway::dataplane {
namespace {

/// Bursts of one queue in one turn, while they come full: the crypto lcores, of which this may be one, then
/// have something to share.
constexpr std::size_t kBurstsPerTurn = 4;

std::size_t receive(Lcore& lcore, const RxQueue& queue) {
    std::array<rte_mbuf*, kRxBurst> packets;
    const Port& port = *lcore.plane.ports[queue.port];
    std::size_t received = 0;
    for (std::size_t burst = 0; burst < kBurstsPerTurn; ++burst) {
        const std::uint16_t n = rte_eth_rx_burst(port.ethdev(), queue.queue, packets.data(), kRxBurst);
        if (n == 0) break;
        lcore.counters.in.add(n);
        classify_frames(lcore, {packets.data(), n}, queue.port);
        received += n;
        if (n < kRxBurst) break;
    }
    return received;
}

std::size_t receive_from_host(Lcore& lcore) {
    std::array<rte_mbuf*, kRxBurst> packets;
    const std::size_t n = lcore.rx->from_host.pop_some(packets);
    for (std::size_t i = 0; i < n; ++i) {
        const PacketMeta& m = meta(packets[i]);
        if (m.kind == PacketKind::plain) {
            route_host_packet(lcore, packets[i], m.tunnel);
        } else {
            classify_frames(lcore, {&packets[i], 1}, m.port);
        }
    }
    return n;
}

}  // namespace

bool poll_rx(Lcore& lcore) {
    std::size_t work = poll_home(lcore);
    work += receive_from_host(lcore);
    if (!lcore.plane.draining.load(std::memory_order_relaxed)) {
        for (const RxQueue& queue : lcore.rx->queues)
            work += receive(lcore, queue);
    }
    close_inbound(lcore);
    close_outbound(lcore);
    return work != 0;
}

}  // namespace ringway::dataplane
