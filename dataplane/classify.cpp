#include "dataplane/classify.h"

#include <cstring>

#include "dataplane/dataplane.h"
#include "dataplane/headers.h"
#include "dataplane/inbound.h"
#include "dataplane/lcore.h"
#include "dataplane/outbound.h"
#include "dataplane/packet.h"

namespace ringway::dataplane {
namespace {

EthernetHeader ethernet_of(const rte_mbuf* packet) {
    EthernetHeader header;
    std::memcpy(&header, data(packet), sizeof(header));
    return header;
}

/// One direct segment, ours alone: what in-place crypto needs. False if the packet was dropped.
bool make_plain_buffer(Lcore& lcore, rte_mbuf*& packet) {
    const bool segmented = packet->nb_segs != 1 && rte_pktmbuf_linearize(packet) != 0;
    if (!segmented && rte_mbuf_refcnt_read(packet) == 1 && RTE_MBUF_DIRECT(packet)) return true;
    rte_mbuf* copy = rte_pktmbuf_copy(packet, lcore.plane.packets(), 0, UINT32_MAX);
    if (copy == nullptr || copy->nb_segs != 1) {
        if (copy != nullptr) rte_pktmbuf_free(copy);
        lcore.drop(packet, DropReason::mbuf_unusable);
        return false;
    }
    meta(copy) = meta(packet);
    rte_pktmbuf_free(packet);
    packet = copy;
    return true;
}

void classify_ip(Lcore& lcore, rte_mbuf* packet, const Port& port) {
    const std::span<const std::uint8_t> bytes{data(packet) + kEthernetBytes,
                                              packet->data_len - kEthernetBytes};
    const std::optional<IpView> ip = parse_ip(bytes);
    if (!ip) return lcore.drop(packet, DropReason::frame_malformed);
    if (!header_checksum_ok(*ip, bytes.data())) return lcore.drop(packet, DropReason::header_checksum);

    const NextHop* hop = lcore.plane.domains[port.domain()]->lookup(ip->family, ip->destination);
    if (hop == nullptr) return lcore.give_to_host(packet, port.host());
    if (hop->kind == NextHop::Kind::local) {
        const TunnelIndex tunnel = listening_tunnel(lcore, *ip, bytes.data(), port.domain());
        if (tunnel == kNoTunnel) return lcore.give_to_host(packet, port.host());
        // Whoever answers must not be made to answer a whole network.
        if (is_martian_source(ip->family, ip->source)) return lcore.drop(packet, DropReason::martian_source);
        return take_message(lcore, packet, kEthernetBytes, *ip, tunnel);
    }
    if (hop->kind == NextHop::Kind::tunnel) return route_port_packet(lcore, packet, *ip, hop->tunnel, port);
    // Between two plain ports, and what the mirror can't evaluate: the host stack forwards, or not.
    lcore.give_to_host(packet, port.host());
}

}  // namespace

void classify_frame(Lcore& lcore, rte_mbuf* packet, PortIndex port_index) {
    const Port& port = *lcore.plane.ports[port_index];
    meta(packet).port = port_index;
    meta(packet).kind = PacketKind::frame;
    if (packet->data_len < kEthernetBytes) return lcore.drop(packet, DropReason::frame_malformed);

    const EthernetHeader ethernet = ethernet_of(packet);
    if (ethernet.source == port.mac()) return lcore.drop(packet, DropReason::outgoing_copy);
    const bool group = (ethernet.destination[0] & 1) != 0;
    if (!group && ethernet.destination != port.mac()) return lcore.drop(packet, DropReason::not_for_us);
    const std::uint16_t type = ethernet.type.host();
    if (group || (type != kEtherTypeIpv4 && type != kEtherTypeIpv6))
        return lcore.give_to_host(packet, port.host());

    if (!make_plain_buffer(lcore, packet)) return;
    classify_ip(lcore, packet, port);
}

}  // namespace ringway::dataplane
