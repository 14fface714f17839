#pragma once

// An IP header as the packet path reads it: one body of code for both families.

#include <cstring>
#include <optional>
#include <span>

#include "dataplane/headers.h"
#include "dataplane/ip_address.h"

namespace ringway::dataplane {

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

namespace ip_header {

inline constexpr std::uint16_t kMoreFragmentsOrOffset = 0x3fff;
inline constexpr std::uint8_t kNextHeaderFragment = 44;

template <typename Header>
[[nodiscard]] Header load(const std::uint8_t* from) {
    Header header;
    std::memcpy(&header, from, sizeof(header));
    return header;
}

[[nodiscard]] inline bool read_v4(std::span<const std::uint8_t> bytes, IpView& out) {
    if (bytes.size() < sizeof(Ipv4Header)) return false;
    const auto header = load<Ipv4Header>(bytes.data());
    out.family = Family::v4;
    out.protocol = header.protocol;
    out.ttl = header.ttl;
    out.ds = header.ds;
    out.is_fragment = (header.fragment.host() & kMoreFragmentsOrOffset) != 0;
    out.header_bytes = static_cast<std::uint16_t>((header.version_ihl & 0x0f) * 4);
    out.total_bytes = header.total_length.host();
    out.source = bytes.data() + offsetof(Ipv4Header, source);
    out.destination = bytes.data() + offsetof(Ipv4Header, destination);
    return out.header_bytes >= sizeof(Ipv4Header) && out.total_bytes >= out.header_bytes &&
           out.total_bytes <= bytes.size();
}

[[nodiscard]] inline bool read_v6(std::span<const std::uint8_t> bytes, IpView& out) {
    if (bytes.size() < sizeof(Ipv6Header)) return false;
    const auto header = load<Ipv6Header>(bytes.data());
    out.family = Family::v6;
    out.protocol = header.next_header;
    out.ttl = header.hop_limit;
    out.ds = static_cast<std::uint8_t>(header.version_class_label.host() >> 20);
    out.is_fragment = header.next_header == kNextHeaderFragment;
    out.header_bytes = sizeof(Ipv6Header);
    out.total_bytes = std::uint32_t{sizeof(Ipv6Header)} + header.payload_length.host();
    out.source = bytes.data() + offsetof(Ipv6Header, source);
    out.destination = bytes.data() + offsetof(Ipv6Header, destination);
    return out.total_bytes <= bytes.size();
}

}  // namespace ip_header

/// Reads the IP header at the start of `bytes`. False, and nothing in `out` may be used, if it is neither
/// family's, is cut short, or promises more than there is. The IPv4 checksum is not looked at: see
/// header_checksum_ok(). (Written where it is wanted: copies of small fields stall the packet path.)
[[nodiscard]] inline bool read_ip(std::span<const std::uint8_t> bytes, IpView& out) {
    if (bytes.empty()) return false;
    switch (bytes[0] >> 4) {
        case 4:
            return ip_header::read_v4(bytes, out);
        case 6:
            return ip_header::read_v6(bytes, out);
        default:
            return false;
    }
}
/// The same as a value.
[[nodiscard]] inline std::optional<IpView> parse_ip(std::span<const std::uint8_t> bytes) {
    IpView ip;
    return read_ip(bytes, ip) ? std::optional(ip) : std::nullopt;
}

/// True for IPv6, and for IPv4 when the header checksum is right.
[[nodiscard]] inline bool header_checksum_ok(const IpView& ip, const std::uint8_t* header) {
    if (ip.family == Family::v6) return true;
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < ip.header_bytes; i += sizeof(std::uint32_t)) {
        std::uint32_t word = 0;
        std::memcpy(&word, header + i, sizeof(word));
        sum += word;
    }
    return fold(sum) == 0xffff;
}

/// One hop less to live; the IPv4 checksum follows (RFC 1141). REQUIRES: ttl > 1.
inline void decrement_ttl(Family family, std::uint8_t* header) {
    if (family == Family::v6) {
        --header[offsetof(Ipv6Header, hop_limit)];
        return;
    }
    --header[offsetof(Ipv4Header, ttl)];
    Be16 checksum;
    std::memcpy(&checksum, header + offsetof(Ipv4Header, checksum), sizeof(checksum));
    // The time to live is the high byte of its word: the sum went down by 0x100, its complement up.
    const std::uint32_t sum = std::uint32_t{checksum.host()} + 0x100;
    checksum = Be16(static_cast<std::uint16_t>(sum + (sum >> 16)));
    std::memcpy(header + offsetof(Ipv4Header, checksum), &checksum, sizeof(checksum));
}

/// Multicast, broadcast or link-local: never forwarded.
[[nodiscard]] inline bool stays_on_link(Family family, const std::uint8_t* address) {
    if (family == Family::v4) {
        const bool multicast_or_class_e = address[0] >= 224;
        return multicast_or_class_e || (address[0] == 169 && address[1] == 254);
    }
    return address[0] == 0xff || (address[0] == 0xfe && (address[1] & 0xc0) == 0x80);
}

/// Loopback, 0/8 or ::, multicast: never a source of a forwarded packet.
[[nodiscard]] inline bool is_martian_source(Family family, const std::uint8_t* address) {
    if (family == Family::v4) return address[0] == 0 || address[0] == 127 || address[0] >= 224;
    if (address[0] == 0xff) return true;
    for (int i = 0; i < 15; ++i) {
        if (address[i] != 0) return false;
    }
    return address[15] <= 1;
}

}  // namespace ringway::dataplane
