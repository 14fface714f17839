#include "dataplane/outbound.h"

#include <rte_prefetch.h>

#include <span>

#include "dataplane/bundling.h"
#include "dataplane/dataplane.h"
#include "dataplane/events.h"
#include "dataplane/home.h"
#include "dataplane/in_steps.h"
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
    if (!peer.outbound.exchange_keypair(seen, kNoKeypair, base + bundle->count, lcore.plane.sharing))
        return false;
    send_to_staging(lcore, bundle);
    want_session(lcore.plane, bundle->peer);
    lcore.bundles.give(bundle);
    return true;
}

/// One attempt at linking under the word as seen. False if the word has moved on.
bool link(Lcore& lcore, Peer& peer, const SerialState& seen, Bundle* bundle) {
    Keypair& keypair = lcore.plane.keypairs[seen.keypair];
    bundle->keypair = seen.keypair;
    bundle->tx = peer.tx;
    bundle->first_counter = seen.counter;
    // The reference comes first: once linked, the bundle may be sealed, sent and gone.
    add_among_lcores(keypair.taken, std::uint64_t{1}, lcore.plane.sharing);
    if (peer.outbound.link(lcore.bundles, seen, bundle, seen.counter + bundle->count)) return true;
    add_among_lcores(keypair.taken, ~std::uint64_t{0}, lcore.plane.sharing);
    return false;
}

/// Whether the packet can be sealed and encapsulated where it lies.
bool has_room(const rte_mbuf* packet) {
    return rte_pktmbuf_headroom(packet) >= kEncapsulationBytes && rte_pktmbuf_tailroom(packet) >= kTailroom;
}

/// Packets on their way through: for a peer that was never heard of they would wait in vain. (For messages
/// and keepalives of ours the control side has looked.)
void send_forwarded(Lcore& lcore, Bundle* bundle) {
    const Peer& peer = lcore.plane.peers[bundle->peer];
    if (!peer.has_endpoint.load(std::memory_order_relaxed))
        return lcore.drop(bundle, DropReason::no_endpoint);
    send_bundle(lcore, bundle);
}

/// The session that would seal what is sent to the peer now.
void prefetch_session(const Dataplane& plane, PeerIndex peer) {
    const KeypairIndex keypair = plane.peers[peer].outbound.glance().keypair;
    if (keypair != kNoKeypair) rte_prefetch0(&plane.keypairs[keypair]);
}

/// What is open joins its peers' queues. With many peers each is cold: the sessions are fetched a few bundles
/// ahead.
void send_open(Lcore& lcore) {
    const std::span<Bundle* const> bundles = lcore.outbound.take_all();
    in_steps(
        bundles.size(), [&](std::size_t i) { prefetch_session(lcore.plane, bundles[i]->peer); },
        [&](std::size_t i) { send_forwarded(lcore, bundles[i]); });
}

/// A fresh bundle for the peer's packets, or null. (In a function of its own, which most packets need not get
/// ready to call.)
[[gnu::noinline]] Bundle* open_for(Lcore& lcore, PeerIndex peer_index) {
    Peer& peer = lcore.plane.peers[peer_index];
    rte_prefetch0(&peer);
    peer.outbound.prefetch_to_link();
    Bundle* bundle = open_bundle(lcore, lcore.outbound, peer_index, [&] { send_open(lcore); });
    if (bundle == nullptr) return nullptr;
    bundle->direction = Direction::outbound;
    bundle->peer = peer_index;
    return bundle;
}

/// An IP packet without link header joins the open bundle of `peer`.
void join_peer(Lcore& lcore, rte_mbuf* packet, std::uint8_t ds, PeerIndex peer_index) {
    if (!has_room(packet))
        return lcore.drop(packet, DropReason::mbuf_unusable, lcore.plane.peers[peer_index]);
    PacketMeta& m = meta(packet);
    m.ds = ds;
    m.message_sum = 0;

    Bundle* bundle = lcore.outbound.find(peer_index);
    if (bundle == nullptr || bundle->full()) {
        bundle = open_for(lcore, peer_index);
        if (bundle == nullptr)
            return lcore.drop(packet, DropReason::bundles_exhausted, lcore.plane.peers[peer_index]);
    }
    bundle->append(packet);
}

/// A frame of a port, as a router passes it on. Ethernet pads short packets: the IP header knows the length.
void forward_into_peer(Lcore& lcore, rte_mbuf* packet, const IpView& ip, PeerIndex peer) {
    std::uint8_t* header = data(packet) + kEthernetBytes;
    set_data(packet, header, ip.total_bytes);
    decrement_ttl(ip.family, header);
    join_peer(lcore, packet, ip.ds, peer);
}

/// Our own, loopback and multicast addresses never come in by a port.
bool is_martian(const Lcore& lcore, const IpView& ip, DomainIndex domain) {
    return is_martian_source(ip.family, ip.source) ||
           lcore.plane.domains[domain]->is_local(ip.family, ip.source);
}

}  // namespace

bool route_known_flow(Lcore& lcore, rte_mbuf* packet, const IpView& ip, const FlowKey& key) {
    const Flow* flow = lcore.flows.find(key, lcore.epoch);
    if (flow == nullptr || ip.ttl <= 1 || ip.total_bytes > flow->mtu) return false;
    forward_into_peer(lcore, packet, ip, flow->peer);
    return true;
}

void route_port_packet(Lcore& lcore, rte_mbuf* packet, const IpView& ip, TunnelIndex tunnel_index,
                       PortIndex port_index) {
    const Port& port = *lcore.plane.ports[port_index];
    const Tunnel& tunnel = *lcore.plane.tunnels[tunnel_index];
    if (is_martian(lcore, ip, port.domain())) return lcore.drop(packet, DropReason::martian_source);
    const bool host_decides = tunnel.through_host.load(std::memory_order_relaxed) ||
                              stays_on_link(ip.family, ip.destination) || ip.ttl <= 1 ||
                              ip.total_bytes > tunnel.mtu;
    if (host_decides) return lcore.give_to_host(packet, port.host());

    const PeerIndex peer = tunnel.allowed_ips.lookup(ip.family, ip.destination);
    if (peer == kNoValue) return lcore.drop(packet, DropReason::no_peer);
    FlowKey key;
    key.set_from_port(port_index, ip);
    Flow& flow = lcore.flows.remember(key, lcore.epoch);
    flow.peer = peer;
    flow.mtu = tunnel.mtu;
    forward_into_peer(lcore, packet, ip, peer);
}

void route_host_packet(Lcore& lcore, rte_mbuf* packet, TunnelIndex tunnel_index) {
    const std::optional<IpView> ip = parse_ip({data(packet), packet->data_len});
    if (!ip) return lcore.drop(packet, DropReason::frame_malformed);
    if (ip->total_bytes > lcore.plane.tunnels[tunnel_index]->mtu)
        return lcore.drop(packet, DropReason::too_big);
    set_data(packet, data(packet), ip->total_bytes);
    send_into_tunnel(lcore, packet, *ip, tunnel_index);
}

void send_into_tunnel(Lcore& lcore, rte_mbuf* packet, const IpView& ip, TunnelIndex tunnel) {
    const PeerIndex peer = lcore.plane.tunnels[tunnel]->allowed_ips.lookup(ip.family, ip.destination);
    if (peer == kNoValue) return lcore.drop(packet, DropReason::no_peer);
    join_peer(lcore, packet, ip.ds, peer);
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
    send_open(lcore);
    submit_collected(lcore);
}

}  // namespace ringway::dataplane
