#include "dataplane/host_limits.h"

#include <algorithm>
#include <cstring>

#include "dataplane/headers.h"

namespace ringway::dataplane {
namespace {

constexpr std::uint16_t kEtherTypeArp = 0x0806;
constexpr std::uint16_t kEtherTypeProviderVlan = 0x88a8;
constexpr std::uint8_t kProtocolIcmp = 1;
constexpr std::uint8_t kProtocolTcp = 6;
constexpr std::uint8_t kProtocolIcmpv6 = 58;
constexpr std::uint16_t kPortBgp = 179;  // RFC 4271
constexpr std::size_t kMostTags = 2;

/// Router and neighbour solicitations and advertisements, and redirects: RFC 4861.
bool is_neighbour_discovery(std::uint8_t icmp_type) {
    return icmp_type >= 133 && icmp_type <= 137;
}

/// RFC 8200. (What an authentication header has behind it the kernel does not take without a security
/// association.)
bool is_extension(std::uint8_t next_header) {
    constexpr std::uint8_t kHopByHop = 0;
    constexpr std::uint8_t kRouting = 43;
    constexpr std::uint8_t kDestinationOptions = 60;
    return next_header == kHopByHop || next_header == kRouting || next_header == kDestinationOptions ||
           next_header == ip_header::kNextHeaderFragment;
}

/// What a packet carries behind its IP headers.
struct Upper {
    std::uint8_t protocol;  ///< still an extension's if there are too many of them, or one is cut short
    std::span<const std::uint8_t> payload;
};

Upper upper_of(const IpView& ip, const std::uint8_t* header) {
    constexpr std::size_t kMostExtensions = 8;
    constexpr std::size_t kUnit = 8;  // bytes; a header's length does not count the first
    Upper upper{ip.protocol, {header + ip.header_bytes, header + ip.total_bytes}};
    if (ip.family == Family::v4) return upper;
    for (std::size_t i = 0; i < kMostExtensions && is_extension(upper.protocol); ++i) {
        if (upper.payload.size() < kUnit) break;
        const bool has_length = upper.protocol != ip_header::kNextHeaderFragment;
        const std::size_t bytes = kUnit * (1 + (has_length ? upper.payload[1] : 0));
        if (upper.payload.size() < bytes) break;
        upper = {upper.payload[0], upper.payload.subspan(bytes)};
    }
    return upper;
}

Be16 word_at(const std::uint8_t* at) {
    Be16 word;
    std::memcpy(&word, at, sizeof(word));
    return word;
}

/// TCP from or to the port of BGP. REQUIRES: both ports are there.
bool is_bgp(const std::uint8_t* tcp) {
    return word_at(tcp).host() == kPortBgp || word_at(tcp + sizeof(Be16)).host() == kPortBgp;
}

}  // namespace

HostClass host_class(const IpView& ip, const std::uint8_t* header) {
    const auto [protocol, payload] = upper_of(ip, header);
    // Nobody's honest packet: the kernel follows them all, to ICMP perhaps, or answers by it.
    if (ip.family == Family::v6 && is_extension(protocol)) return HostClass::icmp;
    switch (protocol) {
        case kProtocolIcmp:
            return HostClass::icmp;
        case kProtocolIcmpv6:
            return !payload.empty() && is_neighbour_discovery(payload[0]) ? HostClass::nd : HostClass::icmp;
        case kProtocolTcp:
            return !ip.is_fragment && payload.size() >= 2 * sizeof(Be16) && is_bgp(payload.data())
                       ? HostClass::bgp
                       : HostClass::other;
        default:
            return HostClass::other;
    }
}

HostClass host_class_of_frame(std::span<const std::uint8_t> frame) {
    std::size_t at = offsetof(EthernetHeader, type);
    std::uint16_t type = word_at(frame.data() + at).host();
    for (std::size_t tags = 0; tags < kMostTags; ++tags) {
        const bool tagged = type == kEtherTypeVlan || type == kEtherTypeProviderVlan;
        if (!tagged || frame.size() < at + kVlanTagBytes + sizeof(Be16)) break;
        at += kVlanTagBytes;
        type = word_at(frame.data() + at).host();
    }
    if (type == kEtherTypeArp) return HostClass::arp;
    if (type != kEtherTypeIpv4 && type != kEtherTypeIpv6) return HostClass::other;
    const std::span<const std::uint8_t> packet = frame.subspan(at + sizeof(Be16));
    IpView ip;
    return read_ip(packet, ip) ? host_class(ip, packet.data()) : HostClass::other;
}

DropReason limited(HostClass of) {
    switch (of) {
        case HostClass::arp:
            return DropReason::host_arp_limited;
        case HostClass::nd:
            return DropReason::host_nd_limited;
        case HostClass::icmp:
            return DropReason::host_icmp_limited;
        case HostClass::bgp:
            return DropReason::host_bgp_limited;
        case HostClass::other:
            break;
    }
    return DropReason::host_other_limited;
}

HostBuckets::HostBuckets(const HostLimits& limits) {
    constexpr Nanoseconds kSecond = 1'000'000'000;
    for (std::size_t i = 0; i < kHostClasses; ++i) {
        const std::uint32_t rate = limits.per_second[i];
        buckets_[i].cost = rate == 0 ? 0 : std::max<Nanoseconds>(1, kSecond / rate);
    }
}

bool HostBuckets::allow(HostClass of, Nanoseconds now) {
    Bucket& bucket = buckets_[static_cast<std::size_t>(of)];
    if (bucket.cost == 0) return true;
    Nanoseconds seen = bucket.full_at.load(std::memory_order_relaxed);
    for (;;) {
        const Nanoseconds full_at = std::max(seen, now);
        // One packet always fits, however slow the rate.
        if (full_at != now && full_at - now + bucket.cost > kDepth) return false;
        if (bucket.full_at.compare_exchange_weak(seen, full_at + bucket.cost, std::memory_order_relaxed))
            return true;
    }
}

}  // namespace ringway::dataplane
