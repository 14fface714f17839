#pragma once

// Ethernet, IPv4, IPv6 and UDP headers as they lie on the wire. Sources: RFC 791, RFC 8200, RFC 768,
// RFC 1071 (checksums), RFC 6040 (congestion marks in tunnels).

#include <array>
#include <cstdint>
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

/// The ones' complement sum of all of `sum`'s 16-bit words, not complemented (RFC 1071).
[[nodiscard]] constexpr std::uint16_t fold(std::uint64_t sum) {
    while ((sum >> 16) != 0)
        sum = (sum & 0xffff) + (sum >> 16);
    return static_cast<std::uint16_t>(sum);
}

/// The ones' complement sum of `bytes`, not folded to a checksum; sums add up over even lengths.
[[nodiscard]] std::uint32_t ones_sum(std::span<const std::uint8_t> bytes);

/// The outer DS field for an inner one: congestion bits go along, the class does not (RFC 6040
/// normal mode: congestion experienced outside begins as "capable").
[[nodiscard]] constexpr std::uint8_t outer_ds(std::uint8_t inner_ds) {
    constexpr std::uint8_t kEcnMask = 3;
    const std::uint8_t ecn = inner_ds & kEcnMask;
    return ecn == kEcnMask ? std::uint8_t{2} : ecn;
}

inline constexpr std::uint8_t kCongestionExperienced = 3;

/// Carries congestion met outside into the inner header. False if the packet must be dropped:
/// congestion experienced, and a sender that would not understand (RFC 6040, section 4.2).
[[nodiscard]] bool propagate_congestion(std::uint8_t outer_ds, Family inner, std::uint8_t* inner_header);

}  // namespace ringway::dataplane
