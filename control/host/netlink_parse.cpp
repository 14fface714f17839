#include "control/host/netlink_parse.h"

#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include <algorithm>

#include "control/host/netlink_attributes.h"

namespace ringway::control::host {

namespace {

std::optional<Family> family_of(unsigned kernel_family) {
    if (kernel_family == AF_INET) return Family::v4;
    if (kernel_family == AF_INET6) return Family::v6;
    return std::nullopt;
}

IpPrefix prefix_of(IpAddress address, std::uint8_t length) {
    for (unsigned bit = length; bit < 8 * address.size(); ++bit) {
        address.bytes[bit / 8] = static_cast<std::uint8_t>(address.bytes[bit / 8] & ~(0x80U >> (bit % 8)));
    }
    return {address, length};
}

MacAddress mac_of(std::span<const std::uint8_t> bytes) {
    MacAddress mac{};
    if (bytes.size() == mac.size()) std::ranges::copy(bytes, mac.begin());
    return mac;
}

RouteType route_type(std::uint8_t type) {
    switch (type) {
        case RTN_UNICAST:
            return RouteType::unicast;
        case RTN_LOCAL:
            return RouteType::local;
        case RTN_BROADCAST:
            return RouteType::broadcast;
        case RTN_ANYCAST:
            return RouteType::anycast;
        case RTN_MULTICAST:
            return RouteType::multicast;
        case RTN_BLACKHOLE:
            return RouteType::blackhole;
        case RTN_UNREACHABLE:
            return RouteType::unreachable;
        case RTN_PROHIBIT:
            return RouteType::prohibit;
        case RTN_THROW:
            return RouteType::throw_away;
        default:
            return RouteType::other;
    }
}

using RouteAttributes = NetlinkAttributes<RTA_MAX>;

/// RTA_VIA: a gateway of the other family.
std::optional<IpAddress> via_of(std::span<const std::uint8_t> bytes) {
    if (bytes.size() < sizeof(rtvia)) return std::nullopt;
    std::uint16_t kernel_family = 0;
    std::memcpy(&kernel_family, bytes.data(), sizeof kernel_family);
    const auto family = family_of(kernel_family);
    const auto address = bytes.subspan(sizeof(rtvia));
    if (!family || address.size() < dataplane::address_bytes(*family)) return std::nullopt;
    return IpAddress::from_wire(*family, address.data());
}

std::optional<IpAddress> gateway_of(const RouteAttributes& attributes, Family family) {
    if (attributes.has(RTA_VIA)) return via_of(attributes.bytes(RTA_VIA));
    return attributes.address(RTA_GATEWAY, family);
}

bool has_encapsulation(const RouteAttributes& attributes) {
    return attributes.has(RTA_ENCAP) || attributes.has(RTA_NEWDST);
}

/// RTA_MULTIPATH: one rtnexthop after the other, each with attributes of its own. Dead ones are left out.
void add_multipath(Route& route, std::span<const std::uint8_t> bytes, Family family) {
    while (bytes.size() >= sizeof(rtnexthop)) {
        rtnexthop hop{};
        std::memcpy(&hop, bytes.data(), sizeof hop);
        if (hop.rtnh_len < sizeof hop || hop.rtnh_len > bytes.size()) return;
        const RouteAttributes attributes(bytes.subspan(sizeof hop, hop.rtnh_len - sizeof hop));
        route.opaque = route.opaque || has_encapsulation(attributes);
        if ((hop.rtnh_flags & RTNH_F_DEAD) == 0) {
            route.next_hops.push_back({gateway_of(attributes, family),
                                       static_cast<InterfaceIndex>(hop.rtnh_ifindex), hop.rtnh_hops + 1U});
        }
        bytes = bytes.subspan(std::min<std::size_t>(RTNH_ALIGN(hop.rtnh_len), bytes.size()));
    }
}

std::uint32_t route_mtu(const RouteAttributes& attributes) {
    return NetlinkAttributes<RTAX_MAX>(attributes.bytes(RTA_METRICS)).u32(RTAX_MTU);
}

void add_next_hops(Route& route, const RouteAttributes& attributes, Family family, bool dead) {
    route.opaque = has_encapsulation(attributes);
    if (attributes.has(RTA_MULTIPATH)) {
        add_multipath(route, attributes.bytes(RTA_MULTIPATH), family);
    } else if (const auto interface = attributes.u32(RTA_OIF); interface != 0) {
        if (!dead) route.next_hops.push_back({gateway_of(attributes, family), interface, 1});
    } else if (route.type == RouteType::unicast) {
        route.opaque = true;  // a next-hop object that is not spelled out
    }
}

NeighbourState neighbour_state(std::uint16_t state) {
    constexpr unsigned kUsable =
        NUD_PERMANENT | NUD_NOARP | NUD_REACHABLE | NUD_PROBE | NUD_STALE | NUD_DELAY;
    if ((state & kUsable) != 0) return NeighbourState::usable;
    return (state & NUD_FAILED) != 0 ? NeighbourState::failed : NeighbourState::incomplete;
}

}  // namespace

std::optional<Link> parse_link(const nlmsghdr* message) {
    const auto* header = fixed_header<ifinfomsg>(message);
    if (header == nullptr || header->ifi_family != AF_UNSPEC) return std::nullopt;
    const NetlinkAttributes<IFLA_MAX> attributes(message, sizeof *header);
    return Link{.index = static_cast<InterfaceIndex>(header->ifi_index),
                .name = attributes.string(IFLA_IFNAME),
                .mac = mac_of(attributes.bytes(IFLA_ADDRESS)),
                .mtu = attributes.u32(IFLA_MTU),
                .up = (header->ifi_flags & IFF_UP) != 0,
                .running = (header->ifi_flags & IFF_RUNNING) != 0};
}

std::optional<Address> parse_address(const nlmsghdr* message) {
    const auto* header = fixed_header<ifaddrmsg>(message);
    const auto family = header != nullptr ? family_of(header->ifa_family) : std::nullopt;
    if (!family) return std::nullopt;
    const NetlinkAttributes<IFA_MAX> attributes(message, sizeof *header);
    const auto subnet = attributes.address(IFA_ADDRESS, *family);
    const auto local = attributes.address(IFA_LOCAL, *family);
    if (!subnet && !local) return std::nullopt;
    const std::uint32_t flags = attributes.u32(IFA_FLAGS, header->ifa_flags);
    return Address{
        .interface = header->ifa_index,
        .local = local ? *local : *subnet,
        .subnet = prefix_of(subnet ? *subnet : *local, header->ifa_prefixlen),
        .tentative = (flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED)) != 0 && (flags & IFA_F_OPTIMISTIC) == 0};
}

std::optional<Route> parse_route(const nlmsghdr* message) {
    const auto* header = fixed_header<rtmsg>(message);
    const auto family = header != nullptr ? family_of(header->rtm_family) : std::nullopt;
    if (!family || (header->rtm_flags & RTM_F_CLONED) != 0) return std::nullopt;

    const RouteAttributes attributes(message, sizeof *header);
    const IpAddress any{.family = *family};
    Route route;
    route.prefix = prefix_of(attributes.address(RTA_DST, *family).value_or(any), header->rtm_dst_len);
    route.from = prefix_of(attributes.address(RTA_SRC, *family).value_or(any), header->rtm_src_len);
    route.table = attributes.u32(RTA_TABLE, header->rtm_table);
    route.type = route_type(header->rtm_type);
    route.protocol = header->rtm_protocol;
    route.metric = attributes.u32(RTA_PRIORITY);
    route.tos = header->rtm_tos;
    route.preferred_source = attributes.address(RTA_PREFSRC, *family);
    route.mtu = route_mtu(attributes);
    add_next_hops(route, attributes, *family, (header->rtm_flags & RTNH_F_DEAD) != 0);
    return route;
}

std::optional<Neighbour> parse_neighbour(const nlmsghdr* message) {
    const auto* header = fixed_header<ndmsg>(message);
    const auto family = header != nullptr ? family_of(header->ndm_family) : std::nullopt;
    if (!family || (header->ndm_flags & NTF_PROXY) != 0) return std::nullopt;
    const NetlinkAttributes<NDA_MAX> attributes(message, sizeof *header);
    const auto address = attributes.address(NDA_DST, *family);
    if (!address) return std::nullopt;
    Neighbour neighbour{.interface = static_cast<InterfaceIndex>(header->ndm_ifindex),
                        .address = *address,
                        .state = neighbour_state(header->ndm_state)};
    if (neighbour.state == NeighbourState::usable) neighbour.mac = mac_of(attributes.bytes(NDA_LLADDR));
    return neighbour;
}

}  // namespace ringway::control::host
