#pragma once

// Ethernet, IPv4, IPv6 and UDP headers: one body of code for both families. Sources: RFC 791, RFC
// 8200, RFC 768, RFC 1071 (checksums), RFC 6040 (congestion marks in tunnels).

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "crypto/endian.h"
#include "dataplane/endpoint.h"
#include "dataplane/ip_address.h"

namespace ringway::dataplane {

using crypto::Be16;
using crypto::Be32;

using MacAddress = std::array<std::uint8_t, 6>;

inline constexpr std::uint16_t kEtherTypeIpv4 = 0x0800;
inline constexpr std::uint16_t kEtherTypeIpv6 = 0x86dd;
inline constexpr std::uint16_t kEtherTypeVlan = 0x8100;
inline constexpr std::uint8_t kProtocolUdp = 17;

struct EthernetHeader {
    MacAddress destination;
    MacAddress source;
    Be16 type;
};

struct Ipv4Header {
    std::uint8_t version_ihl;
    std::uint8_t ds;
    Be16 total_length;
    Be16 id;
    Be16 fragment;  ///< 0x4000: don't fragment; 0x2000: more fragments; low 13 bits: offset / 8
    std::uint8_t ttl;
    std::uint8_t protocol;
    Be16 checksum;
    std::array<std::uint8_t, 4> source;
    std::array<std::uint8_t, 4> destination;
};

struct Ipv6Header {
    Be32 version_class_label;
    Be16 payload_length;
    std::uint8_t next_header;
    std::uint8_t hop_limit;
    std::array<std::uint8_t, 16> source;
    std::array<std::uint8_t, 16> destination;
};

struct UdpHeader {
    Be16 source;
    Be16 destination;
    Be16 length;
    Be16 checksum;
};

static_assert(sizeof(EthernetHeader) == 14 && sizeof(Ipv4Header) == 20 && sizeof(Ipv6Header) == 40 &&
              sizeof(UdpHeader) == 8);

inline constexpr std::size_t kEthernetBytes = sizeof(EthernetHeader);
inline constexpr std::uint32_t kVlanTagBytes = 4;

/// What both families say alike about one packet; pointers into it.
struct IpView {
    Family family;
    std::uint8_t protocol;  ///< upper protocol; IPv6 extension headers are not followed
    std::uint8_t ttl;
    std::uint8_t ds;
    bool is_fragment;
    std::uint16_t header_bytes;
    std::uint32_t total_bytes;  ///< header and payload, as the header says
    const std::uint8_t* source;
    const std::uint8_t* destination;
};

/// Reads the IP header at the start of `bytes`. Nothing if it is neither family's, is cut short, or
/// promises more than there is. The IPv4 checksum is not looked at: see checksum_ok().
[[nodiscard]] std::optional<IpView> parse_ip(std::span<const std::uint8_t> bytes);

/// True for IPv6, and for IPv4 when the header checksum is right.
[[nodiscard]] bool header_checksum_ok(const IpView& ip, const std::uint8_t* header);

/// One hop less to live; the IPv4 checksum follows (RFC 1141). REQUIRES: ttl > 1.
void decrement_ttl(Family family, std::uint8_t* header);

/// Multicast, broadcast or link-local: never forwarded.
[[nodiscard]] bool stays_on_link(Family family, const std::uint8_t* address);
/// Loopback, 0/8 or ::, multicast: never a source of a forwarded packet.
[[nodiscard]] bool is_martian_source(Family family, const std::uint8_t* address);

/// The ones' complement sum of `bytes`, not folded to a checksum; sums add up over even lengths.
[[nodiscard]] std::uint32_t ones_sum(std::span<const std::uint8_t> bytes);

/// What the outer headers of one sealed message say.
struct OuterHeaders {
    MacAddress destination_mac;
    MacAddress source_mac;
    IpAddress source;
    IpAddress destination;
    std::uint16_t source_port;
    std::uint16_t destination_port;
    bool dont_fragment = false;
};

[[nodiscard]] constexpr std::size_t outer_bytes(Family family) {
    return kEthernetBytes + (family == Family::v4 ? sizeof(Ipv4Header) : sizeof(Ipv6Header)) +
           sizeof(UdpHeader);
}

/// Writes Ethernet, IP and UDP headers, outer_bytes() in all, to `out`, for a UDP payload of
/// `payload_bytes`. `payload_sum` is used over IPv6 only, where the UDP checksum is not optional;
/// over IPv4 the checksum is left out (zero). `ip_id` tells IPv4 fragments apart.
void write_outer(std::uint8_t* out, const OuterHeaders& headers, std::uint16_t payload_bytes, std::uint8_t ds,
                 std::uint32_t payload_sum, std::uint16_t ip_id);

/// The outer DS field for an inner one: congestion bits go along, the class does not (RFC 6040
/// normal mode: congestion experienced outside begins as "capable").
[[nodiscard]] constexpr std::uint8_t outer_ds(std::uint8_t inner_ds) {
    constexpr std::uint8_t kEcnMask = 3;
    const std::uint8_t ecn = inner_ds & kEcnMask;
    return ecn == kEcnMask ? std::uint8_t{2} : ecn;
}

/// Carries congestion met outside into the inner header. False if the packet must be dropped:
/// congestion experienced, and a sender that would not understand (RFC 6040, section 4.2).
[[nodiscard]] bool propagate_congestion(std::uint8_t outer_ds, Family inner, std::uint8_t* inner_header);

}  // namespace ringway::dataplane
