#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ringway::dataplane {

/// Why a packet ended here. Exactly one for every packet dropped; names are shown to operators and
/// are part of the interface.
enum class DropReason : std::uint8_t {
    // rx: frames
    not_for_us,       ///< another station's unicast frame
    outgoing_copy,    ///< our own frame, seen again by a packet tap
    frame_malformed,  ///< shorter than its headers say
    header_checksum,  ///< IPv4 header checksum wrong
    mbuf_unusable,    ///< segmented or without room, and could not be linearised
    // rx: packets for a tunnel
    martian_source,       ///< loopback, 0/8, multicast or one of our own addresses as source
    blackhole,            ///< a blackhole route; unreachable and prohibit are answered by the host
    no_peer,              ///< no peer's allowed IPs cover the destination
    no_endpoint,          ///< the peer has never been heard and none is configured
    peer_to_peer,         ///< peer_to_peer: false
    outbound_queue_full,  ///< the peer's serial queue is at its limit: dropped before crypto
    staging_full,         ///< oldest out of the 128 that wait for a session
    staging_abandoned,    ///< no session came in REKEY_ATTEMPT_TIME, or the peer was removed
    memory_short,         ///< waiting packets held 1/8 of the packet pool (oldest out), or the pool ran low
    bundles_exhausted,    ///< the bound of bundles in flight
    crypto_ring_full,     ///< the device-wide ring refused a bundle
    // rx: WireGuard messages
    message_malformed,     ///< unknown type, reserved bytes set, or a length no message has
    unknown_index,         ///< no session has this receiver index
    inbound_queue_full,    ///< the peer's serial queue is at its limit: dropped before crypto
    session_expired,       ///< older than REJECT_AFTER_TIME or past REJECT_AFTER_MESSAGES
    handshake_queue_full,  ///< the control side does not keep up
    // tx: opened packets
    auth_failed,        ///< Poly1305 tag wrong
    replayed,           ///< counter seen before or behind the window
    inner_malformed,    ///< neither IPv4 nor IPv6, or shorter than it says
    disallowed_source,  ///< the inner source is not this peer's
    ecn_invalid,        ///< congestion experienced on a packet whose sender can't react (RFC 6040)
    // tx and control: in-band messages of a peer
    in_band_bad_length,       ///< shorter or longer than its header says, empty, or over the limit
    in_band_unknown_version,  ///< of a header that we do not know
    in_band_unknown_kind,     ///< something of a later time
    in_band_queue_full,       ///< the control side does not keep up, or with this peer's messages
    in_band_peer_removed,     ///< the peer was removed before its message was read
    // tx: on the way out
    no_route,              ///< no port leads to the outer or inner destination
    no_source_address,     ///< no address of ours in the destination's family
    neighbour_failed,      ///< the kernel could not resolve the next hop
    neighbour_queue_full,  ///< too many packets wait for a next hop
    too_big,               ///< larger than the egress port's MTU
    host_queue_full,       ///< the host interface does not keep up
    host_arp_limited,      ///< for the host itself, more than its class may have a second
    host_nd_limited,
    host_icmp_limited,
    host_bgp_limited,
    host_other_limited,
    host_write_failed,  ///< the host interface refused the packet
    submit_queue_full,  ///< the tx lcore does not keep up with the host and the control side
    port_down,          ///< the egress port has taken nothing for a second
    shutdown,           ///< still queued when the gateway stopped
    // control: handshake messages, in the order of control::protocol::Verdict
    handshake_bad_length,
    handshake_bad_type,
    handshake_no_tunnel,
    handshake_no_private_key,
    handshake_bad_mac1,
    handshake_cookie_sent,
    handshake_rate_limited,
    handshake_bad_static,
    handshake_unknown_peer,
    handshake_unusable_peer,
    handshake_bad_timestamp,
    handshake_replayed,
    handshake_flood,
    handshake_unknown_index,
    handshake_no_handshake,
    handshake_bad_response,
    handshake_bad_cookie,
    handshake_no_index,
    handshake_no_session,
    count,
};

inline constexpr std::size_t kDropReasons = static_cast<std::size_t>(DropReason::count);

inline constexpr std::array<std::string_view, kDropReasons> kDropReasonNames = {
    "not_for_us",
    "outgoing_copy",
    "frame_malformed",
    "header_checksum",
    "mbuf_unusable",
    "martian_source",
    "blackhole",
    "no_peer",
    "no_endpoint",
    "peer_to_peer",
    "outbound_queue_full",
    "staging_full",
    "staging_abandoned",
    "memory_short",
    "bundles_exhausted",
    "crypto_ring_full",
    "message_malformed",
    "unknown_index",
    "inbound_queue_full",
    "session_expired",
    "handshake_queue_full",
    "auth_failed",
    "replayed",
    "inner_malformed",
    "disallowed_source",
    "ecn_invalid",
    "in_band_bad_length",
    "in_band_unknown_version",
    "in_band_unknown_kind",
    "in_band_queue_full",
    "in_band_peer_removed",
    "no_route",
    "no_source_address",
    "neighbour_failed",
    "neighbour_queue_full",
    "too_big",
    "host_queue_full",
    "host_arp_limited",
    "host_nd_limited",
    "host_icmp_limited",
    "host_bgp_limited",
    "host_other_limited",
    "host_write_failed",
    "submit_queue_full",
    "port_down",
    "shutdown",
    "handshake_bad_length",
    "handshake_bad_type",
    "handshake_no_tunnel",
    "handshake_no_private_key",
    "handshake_bad_mac1",
    "handshake_cookie_sent",
    "handshake_rate_limited",
    "handshake_bad_static",
    "handshake_unknown_peer",
    "handshake_unusable_peer",
    "handshake_bad_timestamp",
    "handshake_replayed",
    "handshake_flood",
    "handshake_unknown_index",
    "handshake_no_handshake",
    "handshake_bad_response",
    "handshake_bad_cookie",
    "handshake_no_index",
    "handshake_no_session",
};
static_assert(!kDropReasonNames.back().empty());

[[nodiscard]] constexpr std::string_view name(DropReason reason) {
    return kDropReasonNames[static_cast<std::size_t>(reason)];
}

}  // namespace ringway::dataplane
