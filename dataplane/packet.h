#pragma once

#include <rte_mbuf.h>

#include <cstdint>
#include <type_traits>

#include "dataplane/bundle.h"
#include "dataplane/endpoint.h"
#include "dataplane/ip_address.h"
#include "dataplane/next_hop.h"

namespace ringway::dataplane {

/// What an mbuf in a ring wants from the lcore that takes it out.
enum class PacketKind : std::uint8_t {
    frame,    ///< an Ethernet frame: as received, or complete and ready to leave by `port`
    plain,    ///< an IP packet read from the host interface of `tunnel`
    message,  ///< a handshake message of ours: outer headers to `to` are still to come
    routed,   ///< an IP packet for `port` whose next hop `to.remote` has been resolved meanwhile
};

/// What we know of a packet, beside DPDK's own fields. Lives in the mbuf's private area and is
/// reached only through meta(). Fields are valid only on the stretch of the way that sets them.
struct PacketMeta {
    // inbound, from classification on: offsets from the start of the data (the Ethernet header)
    std::uint16_t outer_ip = 0;
    std::uint16_t message = 0;  ///< the WireGuard message
    std::uint16_t message_bytes = 0;
    Family family = Family::v4;  ///< of the outer header (inbound), of the packet (plain)
    // outbound
    std::uint8_t ds = 0;            ///< the inner packet's DS field
    std::uint32_t message_sum = 0;  ///< ones' complement sum of the sealed message, for UDP over IPv6
    PeerIndex peer = kNoPeer;       ///< on its way to staging; whose in-band message it is

    /// tx, opened: headers complete, only the port's room is missing. False from take_message() on.
    bool framed = false;
    PacketKind kind = PacketKind::frame;
    PortIndex port = kNoPort;  ///< ingress (frame received) or egress
    TunnelIndex tunnel = kNoTunnel;

    // staged: links of the home lcore's lists
    rte_mbuf* next_of_peer = nullptr;
    rte_mbuf* older = nullptr;
    rte_mbuf* newer = nullptr;

    Endpoint to;  ///< message, routed
};

inline constexpr std::uint16_t kPacketMetaBytes = 128;
static_assert(sizeof(PacketMeta) <= kPacketMetaBytes && std::is_trivially_destructible_v<PacketMeta>);

[[nodiscard]] inline PacketMeta& meta(rte_mbuf* packet) {
    return *static_cast<PacketMeta*>(rte_mbuf_to_priv(packet));
}

[[nodiscard]] inline const PacketMeta& meta(const rte_mbuf* packet) {
    return *reinterpret_cast<const PacketMeta*>(packet + 1);  // as rte_mbuf_to_priv(), which is not const
}

[[nodiscard]] inline std::uint8_t* data(rte_mbuf* packet) {
    return rte_pktmbuf_mtod(packet, std::uint8_t*);
}
[[nodiscard]] inline const std::uint8_t* data(const rte_mbuf* packet) {
    return rte_pktmbuf_mtod(packet, const std::uint8_t*);
}

/// Makes `bytes` from `begin` on, which lie in the mbuf, its data. REQUIRES: one segment.
inline void set_data(rte_mbuf* packet, const std::uint8_t* begin, std::size_t bytes) {
    packet->data_off = static_cast<std::uint16_t>(begin - static_cast<const std::uint8_t*>(packet->buf_addr));
    packet->data_len = static_cast<std::uint16_t>(bytes);
    packet->pkt_len = static_cast<std::uint32_t>(bytes);
}

/// Room that every mbuf has before and behind its packet, so that a packet is sealed in place:
/// Ethernet + IPv6 + UDP + transport header in front; padding and tag behind.
inline constexpr std::uint16_t kHeadroom = 128;
inline constexpr std::uint16_t kTailroom = 15 + 16;
static_assert(RTE_PKTMBUF_HEADROOM >= kHeadroom);
/// What sealing and encapsulating takes of the headroom, at most.
inline constexpr std::uint16_t kEncapsulationBytes = 14 + 40 + 8 + 16;
static_assert(kEncapsulationBytes <= kHeadroom);

}  // namespace ringway::dataplane
