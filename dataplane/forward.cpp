#include "dataplane/forward.h"

#include <cstring>

#include "dataplane/dataplane.h"
#include "dataplane/flow_cache.h"
#include "dataplane/inbound.h"
#include "dataplane/ip_view.h"
#include "dataplane/lcore.h"
#include "dataplane/outbound.h"
#include "dataplane/packet.h"

namespace ringway::dataplane {
namespace {

/// A packet for us: a WireGuard message of a tunnel inside this one, or the host stack's.
void deliver_locally(Lcore& lcore, rte_mbuf* packet, const IpView& ip, const Tunnel& tunnel) {
    const TunnelIndex inner = listening_tunnel(lcore, ip, data(packet), tunnel.inner_domain);
    const bool other = inner != kNoTunnel && lcore.plane.tunnels[inner].get() != &tunnel;
    if (!other) return lcore.give_to_host(packet, tunnel.host, host_class(ip, data(packet)));
    meta(packet).port = kNoPort;
    const KeypairIndex keypair = take_message(lcore, packet, 0, ip, inner);
    if (keypair != kNoKeypair) join_session(lcore, packet, keypair);
}

bool is_peer_to_peer_allowed(const Dataplane& plane, TunnelIndex from, TunnelIndex to) {
    return plane.tunnels[from]->peer_to_peer.load(std::memory_order_relaxed) &&
           plane.tunnels[to]->peer_to_peer.load(std::memory_order_relaxed);
}

void forward_into_tunnel(Lcore& lcore, rte_mbuf* packet, const IpView& ip, TunnelIndex from, TunnelIndex to) {
    const Tunnel& next = *lcore.plane.tunnels[to];
    const bool host_decides = next.through_host.load(std::memory_order_relaxed) || ip.total_bytes > next.mtu;
    if (host_decides) return lcore.give_to_host(packet, lcore.plane.tunnels[from]->host);
    decrement_ttl(ip.family, data(packet));
    send_into_tunnel(lcore, packet, ip, to);
}

/// Puts an Ethernet header before an IP packet.
void put_in_front(rte_mbuf* packet, const void* ethernet) {
    std::uint8_t* front = data(packet) - kEthernetBytes;
    std::memcpy(front, ethernet, kEthernetBytes);
    set_data(packet, front, kEthernetBytes + std::size_t{packet->data_len});
}

/// Judges source and route by the tables, and remembers the flow if it just leaves by a port.
PortIndex forward_by_tables(Lcore& lcore, rte_mbuf* packet, const IpView& ip, Peer& peer,
                            PeerIndex peer_index) {
    const auto drop = [&](DropReason reason, auto&... whose) {
        lcore.drop(packet, reason, whose...);
        return kNoPort;
    };
    const Tunnel& tunnel = *lcore.plane.tunnels[peer.tunnel];
    if (tunnel.allowed_ips.lookup(ip.family, ip.source) != peer_index)
        return drop(DropReason::disallowed_source, peer);
    if (!propagate_congestion(meta(packet).ds, ip.family, data(packet)))
        return drop(DropReason::ecn_invalid, peer);
    const RoutingDomain& domain = *lcore.plane.domains[tunnel.inner_domain];
    if (is_martian_source(ip.family, ip.source) || domain.is_local(ip.family, ip.source))
        return drop(DropReason::martian_source);

    const NextHop* hop = domain.lookup(ip.family, ip.destination);
    if (hop != nullptr && hop->kind == NextHop::Kind::local) {
        deliver_locally(lcore, packet, ip, tunnel);
        return kNoPort;
    }
    // Asked here, because what comes back from the host stack is nobody's.
    const bool into_tunnel = hop != nullptr && hop->kind == NextHop::Kind::tunnel;
    if (into_tunnel && !is_peer_to_peer_allowed(lcore.plane, peer.tunnel, hop->tunnel))
        return drop(DropReason::peer_to_peer);
    if (hop != nullptr && hop->kind == NextHop::Kind::blackhole) return drop(DropReason::blackhole);
    // The host stack also answers with ICMP where the packet can't go on.
    const bool host_decides = tunnel.through_host.load(std::memory_order_relaxed) || hop == nullptr ||
                              hop->kind == NextHop::Kind::host || stays_on_link(ip.family, ip.destination) ||
                              ip.ttl <= 1;
    if (host_decides) {
        lcore.give_to_host(packet, tunnel.host);
        return kNoPort;
    }
    if (into_tunnel) {
        forward_into_tunnel(lcore, packet, ip, peer.tunnel, hop->tunnel);
        return kNoPort;
    }
    const std::uint16_t mtu = lcore.plane.ports[hop->port]->mtu();
    if (ip.total_bytes > mtu) {
        lcore.give_to_host(packet, tunnel.host);
        return kNoPort;
    }
    decrement_ttl(ip.family, data(packet));
    const IpAddress next_hop =
        hop->gateway.is_unspecified() ? IpAddress::from_wire(ip.family, ip.destination) : hop->gateway;
    if (!add_ethernet(lcore, packet, hop->port, next_hop)) return kNoPort;
    FlowKey key;
    key.set_from_tunnel(peer.tunnel, ip);
    Flow& flow = lcore.flows.remember(key, lcore.epoch);
    flow.peer = peer_index;
    flow.mtu = mtu;
    flow.port = hop->port;
    std::memcpy(flow.ethernet.data(), data(packet), flow.ethernet.size());
    return hop->port;
}

}  // namespace

void wait_for_neighbour(Lcore& lcore, rte_mbuf* packet, PortIndex port, const IpAddress& next_hop) {
    PacketMeta& m = meta(packet);
    m.kind = PacketKind::routed;
    m.port = port;
    m.to = Endpoint{.remote = next_hop};
    if (!lcore.plane.unresolved.push(packet)) lcore.drop(packet, DropReason::neighbour_queue_full);
}

bool add_ethernet(Lcore& lcore, rte_mbuf* packet, PortIndex port, const IpAddress& next_hop) {
    const Neighbour neighbour = lcore.plane.neighbours.lookup(port, next_hop);
    if (neighbour.state == NeighbourState::failed) {
        lcore.drop(packet, DropReason::neighbour_failed);
        return false;
    }
    if (!neighbour.is_usable()) {
        wait_for_neighbour(lcore, packet, port, next_hop);
        return false;
    }
    const bool v4 = (data(packet)[0] >> 4) == 4;
    const EthernetHeader ethernet{neighbour.mac, lcore.plane.ports[port]->mac(),
                                  Be16(v4 ? kEtherTypeIpv4 : kEtherTypeIpv6)};
    put_in_front(packet, &ethernet);
    return true;
}

PortIndex forward_decrypted(Lcore& lcore, rte_mbuf* packet, const IpView& ip, PeerIndex peer_index) {
    Peer& peer = lcore.plane.peers[peer_index];
    FlowKey key;
    key.set_from_tunnel(peer.tunnel, ip);
    const Flow* flow = lcore.flows.find(key, lcore.epoch);
    const bool congested = (meta(packet).ds & kCongestionExperienced) == kCongestionExperienced;
    if (flow == nullptr || flow->peer != peer_index || congested || ip.ttl <= 1 || ip.total_bytes > flow->mtu)
        return forward_by_tables(lcore, packet, ip, peer, peer_index);
    decrement_ttl(ip.family, data(packet));
    put_in_front(packet, &flow->ethernet);
    return flow->port;
}

}  // namespace ringway::dataplane
