#include "dataplane/headers.h"

#include <cstring>

namespace ringway::dataplane {
namespace {

constexpr std::uint16_t kMoreFragmentsOrOffset = 0x3fff;
constexpr std::uint16_t kDontFragment = 0x4000;
constexpr std::uint8_t kNextHeaderFragment = 44;
constexpr std::uint8_t kHopLimit = 64;
constexpr std::uint8_t kCongestionExperienced = 3;

template <typename Header>
Header load(const std::uint8_t* from) {
    Header header;
    std::memcpy(&header, from, sizeof(header));
    return header;
}

std::uint16_t fold(std::uint64_t sum) {
    while ((sum >> 16) != 0)
        sum = (sum & 0xffff) + (sum >> 16);
    return static_cast<std::uint16_t>(sum);
}

std::uint16_t checksum_of(std::uint64_t sum) {
    return static_cast<std::uint16_t>(~fold(sum));
}

std::optional<IpView> parse_v4(std::span<const std::uint8_t> bytes) {
    if (bytes.size() < sizeof(Ipv4Header)) return std::nullopt;
    const auto header = load<Ipv4Header>(bytes.data());
    const std::uint16_t header_bytes = static_cast<std::uint16_t>((header.version_ihl & 0x0f) * 4);
    const std::uint16_t total = header.total_length.host();
    if (header_bytes < sizeof(Ipv4Header) || total < header_bytes || total > bytes.size())
        return std::nullopt;
    return IpView{.family = Family::v4,
                  .protocol = header.protocol,
                  .ttl = header.ttl,
                  .ds = header.ds,
                  .is_fragment = (header.fragment.host() & kMoreFragmentsOrOffset) != 0,
                  .header_bytes = header_bytes,
                  .total_bytes = total,
                  .source = bytes.data() + offsetof(Ipv4Header, source),
                  .destination = bytes.data() + offsetof(Ipv4Header, destination)};
}

std::optional<IpView> parse_v6(std::span<const std::uint8_t> bytes) {
    if (bytes.size() < sizeof(Ipv6Header)) return std::nullopt;
    const auto header = load<Ipv6Header>(bytes.data());
    const std::uint32_t total = std::uint32_t{sizeof(Ipv6Header)} + header.payload_length.host();
    if (total > bytes.size()) return std::nullopt;
    return IpView{.family = Family::v6,
                  .protocol = header.next_header,
                  .ttl = header.hop_limit,
                  .ds = static_cast<std::uint8_t>(header.version_class_label.host() >> 20),
                  .is_fragment = header.next_header == kNextHeaderFragment,
                  .header_bytes = sizeof(Ipv6Header),
                  .total_bytes = total,
                  .source = bytes.data() + offsetof(Ipv6Header, source),
                  .destination = bytes.data() + offsetof(Ipv6Header, destination)};
}

void write_ipv4(std::uint8_t* out, const OuterHeaders& headers, std::uint16_t udp_bytes, std::uint8_t ds,
                std::uint16_t ip_id) {
    Ipv4Header ip{};
    ip.version_ihl = 0x45;
    ip.ds = ds;
    ip.total_length = Be16(static_cast<std::uint16_t>(sizeof(Ipv4Header) + udp_bytes));
    ip.id = Be16(ip_id);
    ip.fragment = Be16(headers.dont_fragment ? kDontFragment : 0);
    ip.ttl = kHopLimit;
    ip.protocol = kProtocolUdp;
    std::memcpy(ip.source.data(), headers.source.bytes.data(), ip.source.size());
    std::memcpy(ip.destination.data(), headers.destination.bytes.data(), ip.destination.size());
    ip.checksum = Be16(checksum_of(ones_sum({reinterpret_cast<const std::uint8_t*>(&ip), sizeof(ip)})));
    std::memcpy(out, &ip, sizeof(ip));
}

void write_ipv6(std::uint8_t* out, const OuterHeaders& headers, std::uint16_t udp_bytes, std::uint8_t ds) {
    Ipv6Header ip{};
    ip.version_class_label = Be32((6U << 28) | (static_cast<std::uint32_t>(ds) << 20));
    ip.payload_length = Be16(udp_bytes);
    ip.next_header = kProtocolUdp;
    ip.hop_limit = kHopLimit;
    ip.source = headers.source.bytes;
    ip.destination = headers.destination.bytes;
    std::memcpy(out, &ip, sizeof(ip));
}

/// RFC 8200, section 8.1: over the pseudo-header, the UDP header and the payload; never zero.
std::uint16_t udp_checksum_v6(const OuterHeaders& headers, const UdpHeader& udp, std::uint32_t payload_sum) {
    std::uint64_t sum = payload_sum;
    sum += ones_sum(headers.source.wire());
    sum += ones_sum(headers.destination.wire());
    sum += ones_sum({reinterpret_cast<const std::uint8_t*>(&udp), sizeof(udp)});
    sum += udp.length.host();
    sum += kProtocolUdp;
    const std::uint16_t checksum = checksum_of(sum);
    return checksum == 0 ? std::uint16_t{0xffff} : checksum;
}

}  // namespace

std::optional<IpView> parse_ip(std::span<const std::uint8_t> bytes) {
    if (bytes.empty()) return std::nullopt;
    switch (bytes[0] >> 4) {
        case 4:
            return parse_v4(bytes);
        case 6:
            return parse_v6(bytes);
        default:
            return std::nullopt;
    }
}

bool header_checksum_ok(const IpView& ip, const std::uint8_t* header) {
    return ip.family == Family::v6 || fold(ones_sum({header, ip.header_bytes})) == 0xffff;
}

void decrement_ttl(Family family, std::uint8_t* header) {
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

bool stays_on_link(Family family, const std::uint8_t* address) {
    if (family == Family::v4) {
        const bool multicast_or_class_e = address[0] >= 224;
        return multicast_or_class_e || (address[0] == 169 && address[1] == 254);
    }
    return address[0] == 0xff || (address[0] == 0xfe && (address[1] & 0xc0) == 0x80);
}

bool is_martian_source(Family family, const std::uint8_t* address) {
    if (family == Family::v4) return address[0] == 0 || address[0] == 127 || address[0] >= 224;
    if (address[0] == 0xff) return true;
    for (int i = 0; i < 15; ++i) {
        if (address[i] != 0) return false;
    }
    return address[15] <= 1;
}

std::uint32_t ones_sum(std::span<const std::uint8_t> bytes) {
    // Summed in machine order, four bytes at a time, and swapped once at the end: the ones'
    // complement sum does not care (RFC 1071, section 2).
    std::uint64_t sum = 0;
    std::size_t i = 0;
    for (; i + 4 <= bytes.size(); i += 4) {
        std::uint32_t word = 0;
        std::memcpy(&word, bytes.data() + i, sizeof(word));
        sum += word;
    }
    std::uint32_t rest = 0;
    std::memcpy(&rest, bytes.data() + i, bytes.size() - i);
    sum += rest;
    return Be16(fold(sum)).raw();
}

void write_outer(std::uint8_t* out, const OuterHeaders& headers, std::uint16_t payload_bytes, std::uint8_t ds,
                 std::uint32_t payload_sum, std::uint16_t ip_id) {
    const Family family = headers.destination.family;
    const EthernetHeader ethernet{headers.destination_mac, headers.source_mac,
                                  Be16(family == Family::v4 ? kEtherTypeIpv4 : kEtherTypeIpv6)};
    std::memcpy(out, &ethernet, sizeof(ethernet));
    out += sizeof(ethernet);

    UdpHeader udp{Be16(headers.source_port), Be16(headers.destination_port),
                  Be16(static_cast<std::uint16_t>(sizeof(UdpHeader) + payload_bytes)), Be16()};
    if (family == Family::v4) {
        write_ipv4(out, headers, udp.length.host(), ds, ip_id);
        out += sizeof(Ipv4Header);
    } else {
        write_ipv6(out, headers, udp.length.host(), ds);
        out += sizeof(Ipv6Header);
        udp.checksum = Be16(udp_checksum_v6(headers, udp, payload_sum));
    }
    std::memcpy(out, &udp, sizeof(udp));
}

bool propagate_congestion(std::uint8_t outer_ds, Family inner, std::uint8_t* inner_header) {
    if ((outer_ds & kCongestionExperienced) != kCongestionExperienced) return true;
    // The DS field straddles the first two bytes of an IPv6 header.
    std::uint8_t& byte = inner_header[1];
    const unsigned shift = inner == Family::v4 ? 0 : 4;
    const unsigned ecn = (byte >> shift) & kCongestionExperienced;
    if (ecn == 0) return false;
    if (ecn == kCongestionExperienced) return true;
    const auto added = static_cast<std::uint8_t>(kCongestionExperienced & ~ecn);
    byte = static_cast<std::uint8_t>(byte | (kCongestionExperienced << shift));
    if (inner == Family::v4) {
        Be16 checksum;
        std::memcpy(&checksum, inner_header + offsetof(Ipv4Header, checksum), sizeof(checksum));
        // The sum went up by the bits added, so its complement goes down (RFC 1624, eqn. 3).
        checksum = Be16(checksum_of(std::uint64_t{static_cast<std::uint16_t>(~checksum.host())} + added));
        std::memcpy(inner_header + offsetof(Ipv4Header, checksum), &checksum, sizeof(checksum));
    }
    return true;
}

}  // namespace ringway::dataplane
