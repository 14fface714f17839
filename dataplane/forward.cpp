#include "dataplane/forward.h"

#include <cstring>

#include "dataplane/dataplane.h"
#include "dataplane/headers.h"
#include "dataplane/inbound.h"
#include "dataplane/lcore.h"
#include "dataplane/outbound.h"
#include "dataplane/packet.h"

namespace ringway::dataplane {
namespace {

/// A packet for us: a WireGuard message of a tunnel inside this one, or the host stack's.
void deliver_locally(Lcore& lcore, rte_mbuf* packet, const IpView& ip, const Tunnel& tunnel) {
    const TunnelIndex inner = listening_tunnel(lcore, ip, data(packet), tunnel.inner_domain);
    const bool other = inner != kNoTunnel && lcore.plane.tunnels[inner].get() != &tunnel;
    if (!other) return lcore.give_to_host(packet, tunnel.host);
    meta(packet).port = kNoPort;
    take_message(lcore, packet, 0, ip, inner);
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

}  // namespace

void wait_for_neighbour(Lcore& lcore, rte_mbuf* packet, PortIndex port, const IpAddress& next_hop) {
    PacketMeta& m = meta(packet);
    m.kind = PacketKind::routed;
    m.port = port;
    m.to = Endpoint{.remote = next_hop};
    if (!lcore.plane.unresolved.push(packet)) lcore.drop(packet, DropReason::neighbour_queue_full);
}

bool add_ethernet(Lcore& lcore, rte_mbuf* packet, PortIndex port_index, const IpAddress& next_hop) {
    const Neighbour neighbour = lcore.plane.neighbours.lookup(port_index, next_hop);
    if (neighbour.state == NeighbourState::failed) {
        lcore.drop(packet, DropReason::neighbour_failed);
        return false;
    }
    if (!neighbour.is_usable()) {
        wait_for_neighbour(lcore, packet, port_index, next_hop);
        return false;
    }
    const bool v4 = (data(packet)[0] >> 4) == 4;
    const EthernetHeader ethernet{neighbour.mac, lcore.plane.ports[port_index]->mac(),
                                  Be16(v4 ? kEtherTypeIpv4 : kEtherTypeIpv6)};
    std::memcpy(rte_pktmbuf_prepend(packet, sizeof(ethernet)), &ethernet, sizeof(ethernet));
    return true;
}

PortIndex forward_decrypted(Lcore& lcore, rte_mbuf* packet, TunnelIndex tunnel_index) {
    const Tunnel& tunnel = *lcore.plane.tunnels[tunnel_index];
    // decapsulate() has proved the header; it is read again where it is needed.
    const IpView ip = *parse_ip({data(packet), packet->data_len});
    const RoutingDomain& domain = *lcore.plane.domains[tunnel.inner_domain];
    const bool foreign = is_martian_source(ip.family, ip.source) || domain.is_local(ip.family, ip.source);
    if (foreign) {
        lcore.drop(packet, DropReason::martian_source);
        return kNoPort;
    }
    const NextHop* hop = domain.lookup(ip.family, ip.destination);
    if (hop != nullptr && hop->kind == NextHop::Kind::local) {
        deliver_locally(lcore, packet, ip, tunnel);
        return kNoPort;
    }
    // Asked here, because what comes back from the host stack is nobody's.
    const bool into_tunnel = hop != nullptr && hop->kind == NextHop::Kind::tunnel;
    if (into_tunnel && !is_peer_to_peer_allowed(lcore.plane, tunnel_index, hop->tunnel)) {
        lcore.drop(packet, DropReason::peer_to_peer);
        return kNoPort;
    }
    if (hop != nullptr && hop->kind == NextHop::Kind::blackhole) {
        lcore.drop(packet, DropReason::blackhole);
        return kNoPort;
    }
    // The host stack also answers with ICMP where the packet can't go on.
    const bool host_decides = tunnel.through_host.load(std::memory_order_relaxed) || hop == nullptr ||
                              hop->kind == NextHop::Kind::host || stays_on_link(ip.family, ip.destination) ||
                              ip.ttl <= 1;
    if (host_decides) {
        lcore.give_to_host(packet, tunnel.host);
        return kNoPort;
    }
    if (into_tunnel) {
        forward_into_tunnel(lcore, packet, ip, tunnel_index, hop->tunnel);
        return kNoPort;
    }
    if (ip.total_bytes > lcore.plane.ports[hop->port]->mtu()) {
        lcore.give_to_host(packet, tunnel.host);
        return kNoPort;
    }
    decrement_ttl(ip.family, data(packet));
    const IpAddress next_hop =
        hop->gateway.is_unspecified() ? IpAddress::from_wire(ip.family, ip.destination) : hop->gateway;
    return add_ethernet(lcore, packet, hop->port, next_hop) ? hop->port : kNoPort;
}

}  // namespace ringway::dataplane
