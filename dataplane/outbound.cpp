#include "dataplane/outbound.h"

#include "dataplane/bundling.h"
#include "dataplane/dataplane.h"
#include "dataplane/events.h"
#include "dataplane/home.h"
#include "dataplane/lcore.h"
#include "dataplane/packet.h"

namespace ringway::dataplane {
namespace {

/// Can `keypair` seal `count` packets from `counter` on? The limits of the paper's section 6.1.
bool usable(const Keypair& keypair, std::uint64_t counter, std::uint32_t count, Nanoseconds now) {
    return counter <= crypto::kRejectAfterMessages - count && !keypair.expired(now);
}

/// Sends the bundle's packets to staging, counted in the word under which they were refused a
/// session. False if the word has moved on.
bool stage(Lcore& lcore, Peer& peer, const SerialState& seen, Bundle* bundle) {
    // The first to find a keypair expired takes it away: the count goes on where it stood.
    const bool expired = seen.keypair != kNoKeypair;
    const std::uint64_t base = expired ? peer.staged_base.load(std::memory_order_acquire) : seen.counter;
    if (!peer.outbound.exchange_keypair(seen, kNoKeypair, base + bundle->count)) return false;
    send_to_staging(lcore, bundle);
    want_session(lcore.plane, bundle->peer);
    lcore.plane.bundles.give(bundle);
    return true;
}

/// One attempt at linking under the word as seen. False if the word has moved on.
bool link(Lcore& lcore, Peer& peer, const SerialState& seen, Bundle* bundle) {
    Keypair& keypair = lcore.plane.keypairs[seen.keypair];
    bundle->keypair = seen.keypair;
    bundle->first_counter = seen.counter;
    // The reference comes first: once linked, the bundle may be sealed, sent and gone.
    keypair.taken.fetch_add(1, std::memory_order_relaxed);
    if (peer.outbound.link(lcore.plane.bundles, seen, bundle, seen.counter + bundle->count)) return true;
    keypair.taken.fetch_sub(1, std::memory_order_relaxed);
    return false;
}

/// Whether the packet can be sealed and encapsulated where it lies.
bool has_room(const rte_mbuf* packet) {
    return rte_pktmbuf_headroom(packet) >= kEncapsulationBytes && rte_pktmbuf_tailroom(packet) >= kTailroom;
}

/// Our own, loopback and multicast addresses never come in by a port.
bool is_martian(const Lcore& lcore, const IpView& ip, DomainIndex domain) {
    return is_martian_source(ip.family, ip.source) ||
           lcore.plane.domains[domain]->is_local(ip.family, ip.source);
}

}  // namespace

void route_port_packet(Lcore& lcore, rte_mbuf* packet, const IpView& ip, TunnelIndex tunnel_index,
                       const Port& port) {
    const Tunnel& tunnel = *lcore.plane.tunnels[tunnel_index];
    if (is_martian(lcore, ip, port.domain())) return lcore.drop(packet, DropReason::martian_source);
    const bool host_decides = tunnel.through_host.load(std::memory_order_relaxed) ||
                              stays_on_link(ip.family, ip.destination) || ip.ttl <= 1 ||
                              ip.total_bytes > tunnel.mtu;
    if (host_decides) return lcore.give_to_host(packet, port.host());

    // Ethernet pads short packets: the IP header knows the length.
    (void)rte_pktmbuf_adj(packet, kEthernetBytes);
    rte_pktmbuf_trim(packet, static_cast<std::uint16_t>(packet->data_len - ip.total_bytes));
    decrement_ttl(ip.family, data(packet));
    send_into_tunnel(lcore, packet, ip, tunnel_index);
}

void route_host_packet(Lcore& lcore, rte_mbuf* packet, TunnelIndex tunnel_index) {
    const std::optional<IpView> ip = parse_ip({data(packet), packet->data_len});
    if (!ip) return lcore.drop(packet, DropReason::frame_malformed);
    if (ip->total_bytes > lcore.plane.tunnels[tunnel_index]->mtu)
        return lcore.drop(packet, DropReason::too_big);
    rte_pktmbuf_trim(packet, static_cast<std::uint16_t>(packet->data_len - ip->total_bytes));
    send_into_tunnel(lcore, packet, *ip, tunnel_index);
}

void send_into_tunnel(Lcore& lcore, rte_mbuf* packet, const IpView& ip, TunnelIndex tunnel_index) {
    const PeerIndex peer_index =
        lcore.plane.tunnels[tunnel_index]->allowed_ips.lookup(ip.family, ip.destination);
    if (peer_index == kNoValue) return lcore.drop(packet, DropReason::no_peer);
    Peer& peer = lcore.plane.peers[peer_index];
    if (!peer.has_endpoint.load(std::memory_order_relaxed))
        return lcore.drop(packet, DropReason::no_endpoint, peer);
    if (!has_room(packet)) return lcore.drop(packet, DropReason::mbuf_unusable, peer);
    meta(packet).ds = ip.ds;
    meta(packet).message_sum = 0;
    meta(packet).framed = false;

    Bundle* bundle = lcore.outbound.find(peer_index);
    if (bundle == nullptr || bundle->full()) {
        bundle = open_bundle(lcore, lcore.outbound, peer_index, [&](Bundle* b) { send_bundle(lcore, b); });
        if (bundle == nullptr) return lcore.drop(packet, DropReason::bundles_exhausted, peer);
        bundle->direction = Direction::outbound;
        bundle->peer = peer_index;
    }
    bundle->append(packet);
}

void send_bundle(Lcore& lcore, Bundle* bundle) {
    Dataplane& plane = lcore.plane;
    Peer& peer = plane.peers[bundle->peer];
    if (const auto reason = refusal(lcore, peer.outbound, *bundle, DropReason::outbound_queue_full)) {
        return lcore.drop(bundle, *reason);
    }
    for (;;) {
        const SerialState seen = peer.outbound.glance();
        const bool sendable = seen.keypair != kNoKeypair &&
                              usable(plane.keypairs[seen.keypair], seen.counter, bundle->count, lcore.now);
        if (!sendable) {
            if (stage(lcore, peer, seen, bundle)) return;
        } else if (link(lcore, peer, seen, bundle)) {
            return submit(lcore, bundle);
        }
    }
}

void close_outbound(Lcore& lcore) {
    lcore.outbound.close_all([&](Bundle* bundle) { send_bundle(lcore, bundle); });
}

}  // namespace ringway::dataplane
