#include "dataplane/classify.h"

#include <rte_prefetch.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "crypto/prefetch.h"
#include "dataplane/dataplane.h"
#include "dataplane/flow_cache.h"
#include "dataplane/inbound.h"
#include "dataplane/ip_view.h"
#include "dataplane/lcore.h"
#include "dataplane/outbound.h"
#include "dataplane/packet.h"

namespace ringway::dataplane {
namespace {

constexpr std::size_t kPrefetchAhead = 6;

/// The headers, those that will be put before them, and what a short packet has behind them.
void prefetch_frame(rte_mbuf* packet) {
    const std::uint8_t* frame = data(packet);
    crypto::prefetch_to_write(frame - RTE_CACHE_LINE_SIZE);
    crypto::prefetch_to_write(frame);
    crypto::prefetch_to_write(frame + RTE_CACHE_LINE_SIZE);
    rte_prefetch0(&meta(packet));
}

/// A MAC address as a number, read in one load. REQUIRES: two bytes more lie behind it.
std::uint64_t load_mac(const std::uint8_t* at) {
    constexpr std::uint64_t kSixBytes = 0xffff'ffff'ffff;
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof(word));
    return word & kSixBytes;
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

constexpr std::size_t kArpSender = kEthernetBytes + 14;  // its IPv4 address: RFC 826

/// Whether a frame is of a neighbour that we send to already.
bool is_of_neighbour(const Lcore& lcore, PortIndex port, const std::uint8_t* frame, Family family,
                     const std::uint8_t* sender) {
    const Neighbour known = lcore.plane.neighbours.lookup(port, IpAddress::from_wire(family, sender));
    return known.is_usable() &&
           std::memcmp(frame + offsetof(EthernetHeader, source), known.mac.data(), known.mac.size()) == 0;
}

/// ARP and neighbour discovery of those we send to: the kernel asks them now and then whether they are still
/// there, and a flood of strangers must not keep it from hearing so.
bool keeps_neighbour(const Lcore& lcore, PortIndex port, HostClass of, std::span<const std::uint8_t> frame) {
    if (of == HostClass::arp && frame.size() >= kArpSender + sizeof(Ipv4Header::source))
        return is_of_neighbour(lcore, port, frame.data(), Family::v4, frame.data() + kArpSender);
    // Its header was read when it was found to be of this class; behind a VLAN tag these are other bytes.
    if (of == HostClass::nd && frame.size() >= kEthernetBytes + sizeof(Ipv6Header)) {
        const std::uint8_t* source = frame.data() + kEthernetBytes + offsetof(Ipv6Header, source);
        return is_of_neighbour(lcore, port, frame.data(), Family::v6, source);
    }
    return false;
}

/// A frame for the host itself.
void give_to_host_itself(Lcore& lcore, rte_mbuf* packet, PortIndex port, HostClass of) {
    const HostIndex host = lcore.plane.ports[port]->host();
    if (keeps_neighbour(lcore, port, of, {data(packet), packet->data_len}))
        return lcore.give_to_host(packet, host);
    lcore.give_to_host(packet, host, of);
}

/// An IP packet that a port received, as far as its own bytes tell.
struct Arrival {
    rte_mbuf* packet;
    IpView ip;
    FlowKey flow;          ///< unless it is for us
    TunnelIndex listener;  ///< the tunnel that listens on its UDP port, if it is for us
    KeypairIndex keypair;  ///< the session that it joins
};

/// Looks at a frame. What is not an IP packet for this router is dealt with; then false.
bool examine(Lcore& lcore, rte_mbuf* packet, PortIndex port_index, const Port& port, Arrival& arrival) {
    const auto drop = [&](DropReason reason) {
        lcore.drop(packet, reason);
        return false;
    };
    meta(packet).port = port_index;
    meta(packet).kind = PacketKind::frame;
    if (packet->data_len < kEthernetBytes) return drop(DropReason::frame_malformed);

    const std::uint8_t* frame = data(packet);
    if (load_mac(frame + offsetof(EthernetHeader, source)) == port.mac_word())
        return drop(DropReason::outgoing_copy);
    const bool group = (frame[0] & 1) != 0;
    if (!group && load_mac(frame) != port.mac_word()) return drop(DropReason::not_for_us);
    Be16 type_field;
    std::memcpy(&type_field, frame + offsetof(EthernetHeader, type), sizeof(type_field));
    const std::uint16_t type = type_field.host();
    if (group || (type != kEtherTypeIpv4 && type != kEtherTypeIpv6)) {
        give_to_host_itself(lcore, packet, port_index, host_class_of_frame({frame, packet->data_len}));
        return false;
    }
    if (!make_plain_buffer(lcore, packet)) return false;

    const std::uint8_t* header = data(packet) + kEthernetBytes;
    if (!read_ip({header, packet->data_len - kEthernetBytes}, arrival.ip))
        return drop(DropReason::frame_malformed);
    if (!header_checksum_ok(arrival.ip, header)) return drop(DropReason::header_checksum);
    arrival.packet = packet;
    arrival.listener = listening_tunnel(lcore, arrival.ip, header, port.domain());
    arrival.keypair = kNoKeypair;
    return true;
}

/// Fetches what decide() will read first.
void prepare(const Lcore& lcore, Arrival& arrival, PortIndex port) {
    if (arrival.listener != kNoTunnel)
        return prefetch_session(lcore, arrival.ip, data(arrival.packet) + kEthernetBytes);
    arrival.flow.set_from_port(port, arrival.ip);
    lcore.flows.prefetch(arrival.flow);
}

/// Is the packet for an address of ours? Where WireGuard messages go is mostly one address.
bool is_ours(Lcore& lcore, const IpView& ip, DomainIndex domain) {
    OwnAddress& known = lcore.own[static_cast<std::size_t>(ip.family)];
    if (known.is(ip, domain, lcore.epoch)) return true;
    if (!lcore.plane.domains[domain]->is_local(ip.family, ip.destination)) return false;
    known = OwnAddress(ip, domain, lcore.epoch);
    return true;
}

/// A UDP packet whose port a tunnel listens on. False if it is not for us.
bool take_if_ours(Lcore& lcore, Arrival& arrival, DomainIndex domain) {
    if (!is_ours(lcore, arrival.ip, domain)) return false;
    // Whoever answers must not be made to answer a whole network.
    if (is_martian_source(arrival.ip.family, arrival.ip.source)) {
        lcore.drop(arrival.packet, DropReason::martian_source);
    } else {
        arrival.keypair = take_message(lcore, arrival.packet, kEthernetBytes, arrival.ip, arrival.listener);
    }
    return true;
}

void ask_routes(Lcore& lcore, rte_mbuf* packet, const IpView& ip, PortIndex port_index, const Port& port) {
    const NextHop* hop = lcore.plane.domains[port.domain()]->lookup(ip.family, ip.destination);
    if (hop != nullptr && hop->kind == NextHop::Kind::tunnel)
        return route_port_packet(lcore, packet, ip, hop->tunnel, port_index);
    // For the host itself, or for all on its link.
    const bool is_local = hop != nullptr && hop->kind == NextHop::Kind::local;
    if (is_local || stays_on_link(ip.family, ip.destination))
        return give_to_host_itself(lcore, packet, port_index, host_class(ip, data(packet) + kEthernetBytes));
    // Between two plain ports, and what the mirror can't evaluate: the host stack answers, or not.
    lcore.give_to_host(packet, port.host());
}

/// Where the packet goes. A transport message of a session is left with its keypair noted.
void decide(Lcore& lcore, Arrival& arrival, PortIndex port_index, const Port& port) {
    if (arrival.listener != kNoTunnel) {
        if (take_if_ours(lcore, arrival, port.domain())) return;
        arrival.flow.set_from_port(port_index, arrival.ip);
    }
    if (route_known_flow(lcore, arrival.packet, arrival.ip, arrival.flow)) return;
    ask_routes(lcore, arrival.packet, arrival.ip, port_index, port);
}

}  // namespace

void classify_frames(Lcore& lcore, std::span<rte_mbuf* const> packets, PortIndex port_index) {
    const Port& port = *lcore.plane.ports[port_index];
    std::array<Arrival, kRxBurst> arrivals;
    std::size_t count = 0;
    for (std::size_t i = 0; i < std::min(kPrefetchAhead, packets.size()); ++i)
        prefetch_frame(packets[i]);
    for (std::size_t i = 0; i < packets.size(); ++i) {
        if (i + kPrefetchAhead < packets.size()) prefetch_frame(packets[i + kPrefetchAhead]);
        if (!examine(lcore, packets[i], port_index, port, arrivals[count])) continue;
        prepare(lcore, arrivals[count++], port_index);
    }
    // In steps over the whole burst: what one step fetches for a packet is there at the next.
    for (std::size_t i = 0; i < count; ++i)
        decide(lcore, arrivals[i], port_index, port);
    for (std::size_t i = 0; i < count; ++i) {
        if (arrivals[i].keypair != kNoKeypair) join_session(lcore, arrivals[i].packet, arrivals[i].keypair);
    }
}

}  // namespace ringway::dataplane
