#include "control/host/host_control.h"

#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <net/if.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace ringway::control::host {

namespace {

std::uint8_t kernel_family(Family family) {
    return family == Family::v4 ? AF_INET : AF_INET6;
}

/// The broadcast address of an IPv4 subnet; none where a subnet is too small for one.
std::optional<IpAddress> broadcast_of(const InterfaceAddress& address) {
    if (address.address.family != Family::v4 || address.prefix_length > 30) return std::nullopt;
    IpAddress broadcast = address.address;
    for (unsigned bit = address.prefix_length; bit < 32; ++bit) {
        broadcast.bytes[bit / 8] = static_cast<std::uint8_t>(broadcast.bytes[bit / 8] | (0x80U >> (bit % 8)));
    }
    return broadcast;
}

void put_gateway(NetlinkRequest& request, Family route_family, const IpAddress& gateway) {
    if (gateway.family == route_family) {
        request.put_address(RTA_GATEWAY, gateway);
        return;
    }
    // struct rtvia: the family, then as many bytes as its addresses have.
    const std::uint16_t family = kernel_family(gateway.family);
    std::array<std::uint8_t, sizeof family + 16> via{};
    std::memcpy(via.data(), &family, sizeof family);
    std::ranges::copy(gateway.wire(), via.begin() + sizeof family);
    request.put(RTA_VIA, std::span(via).first(sizeof family + gateway.size()));
}

/// What IPv4 wants to know: whether the destination is on the link. Nowhere is any, to be removed.
std::uint8_t route_scope(std::uint16_t type, const RouteSpec& route) {
    if (route.to.address.family == Family::v6) return RT_SCOPE_UNIVERSE;
    if (type == RTM_DELROUTE) return RT_SCOPE_NOWHERE;
    return route.via ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK;
}

Result<void> change_link(NetlinkSocket& socket, NetlinkRequest& request, InterfaceIndex interface,
                         std::string_view what) {
    return socket.transact(request.message(), fmt::format("{} of interface {}", what, interface));
}

}  // namespace

std::string RouteSpec::to_string() const {
    std::string text = to.to_string();
    if (via) text += " via " + via->to_string();
    if (interface != 0) text += fmt::format(" on interface {}", interface);
    if (metric != 0) text += fmt::format(" metric {}", metric);
    if (table != RT_TABLE_MAIN) text += fmt::format(" table {}", table);
    return text;
}

Result<HostControl> HostControl::open(const NetnsHandle& netns) {
    return NetlinkSocket::open(netns, NETLINK_ROUTE).map([](NetlinkSocket&& socket) {
        return HostControl(std::move(socket));
    });
}

Result<InterfaceIndex> HostControl::find_interface(const std::string& name) {
    if (name.empty() || name.size() >= IFNAMSIZ) return failure(ENODEV, "find interface \"{}\"", name);
    NetlinkRequest request(RTM_GETLINK, NLM_F_ACK);
    request.header<ifinfomsg>();
    request.put_string(IFLA_IFNAME, name);
    InterfaceIndex index = 0;
    auto done =
        socket_.dump(request.message(), fmt::format("find interface {}", name), [&](const nlmsghdr* answer) {
            if (answer->nlmsg_type != RTM_NEWLINK || mnl_nlmsg_get_payload_len(answer) < sizeof(ifinfomsg))
                return;
            index = static_cast<InterfaceIndex>(
                static_cast<const ifinfomsg*>(mnl_nlmsg_get_payload(answer))->ifi_index);
        });
    if (!done) return tl::unexpected(std::move(done.error()));
    return index;
}

Result<void> HostControl::set_up(InterfaceIndex interface, bool up) {
    NetlinkRequest request(RTM_NEWLINK, 0);
    auto& header = request.header<ifinfomsg>();
    header.ifi_index = static_cast<int>(interface);
    header.ifi_flags = up ? IFF_UP : 0;
    header.ifi_change = IFF_UP;
    return change_link(socket_, request, interface, up ? "bring up the link" : "take down the link");
}

Result<void> HostControl::set_mac(InterfaceIndex interface, const MacAddress& mac) {
    NetlinkRequest request(RTM_NEWLINK, 0);
    request.header<ifinfomsg>().ifi_index = static_cast<int>(interface);
    request.put(IFLA_ADDRESS, mac);
    return change_link(socket_, request, interface, "set the MAC address");
}

Result<void> HostControl::set_mtu(InterfaceIndex interface, std::uint32_t mtu) {
    NetlinkRequest request(RTM_NEWLINK, 0);
    request.header<ifinfomsg>().ifi_index = static_cast<int>(interface);
    request.put_u32(IFLA_MTU, mtu);
    return change_link(socket_, request, interface, fmt::format("set the MTU {}", mtu));
}

Result<void> HostControl::stop_address_generation(InterfaceIndex interface) {
    NetlinkRequest request(RTM_NEWLINK, 0);
    request.header<ifinfomsg>().ifi_index = static_cast<int>(interface);
    nlattr* families = request.begin_nest(IFLA_AF_SPEC);
    nlattr* inet6 = request.begin_nest(AF_INET6);
    request.put_u8(IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
    request.end_nest(inet6);
    request.end_nest(families);
    return change_link(socket_, request, interface, "stop the address generation");
}

Result<void> HostControl::add_address(InterfaceIndex interface, const InterfaceAddress& address,
                                      bool detect_duplicates) {
    const bool v6 = address.address.family == Family::v6;
    return change_address(RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, interface, address,
                          v6 && !detect_duplicates ? IFA_F_NODAD : 0, "add");
}

Result<void> HostControl::remove_address(InterfaceIndex interface, const InterfaceAddress& address) {
    return change_address(RTM_DELADDR, 0, interface, address, 0, "remove");
}

Result<void> HostControl::change_address(std::uint16_t type, std::uint16_t flags, InterfaceIndex interface,
                                         const InterfaceAddress& address, std::uint32_t address_flags,
                                         std::string_view verb) {
    NetlinkRequest request(type, flags);
    auto& header = request.header<ifaddrmsg>();
    header.ifa_family = kernel_family(address.address.family);
    header.ifa_prefixlen = address.prefix_length;
    header.ifa_index = interface;
    request.put_address(IFA_LOCAL, address.address);
    request.put_address(IFA_ADDRESS, address.address);
    if (const auto broadcast = broadcast_of(address)) request.put_address(IFA_BROADCAST, *broadcast);
    if (address_flags != 0) request.put_u32(IFA_FLAGS, address_flags);
    return socket_.transact(request.message(), fmt::format("{} address {} on interface {}", verb,
                                                           address.to_string(), interface));
}

Result<void> HostControl::add_route(const RouteSpec& route) {
    return change_route(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, route, "add");
}

Result<void> HostControl::replace_route(const RouteSpec& route) {
    return change_route(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, route, "set");
}

Result<void> HostControl::remove_route(const RouteSpec& route) {
    return change_route(RTM_DELROUTE, 0, route, "remove");
}

Result<void> HostControl::change_route(std::uint16_t type, std::uint16_t flags, const RouteSpec& route,
                                       std::string_view verb) {
    NetlinkRequest request(type, flags);
    auto& header = request.header<rtmsg>();
    header.rtm_family = kernel_family(route.to.address.family);
    header.rtm_dst_len = route.to.length;
    header.rtm_protocol = kRouteProtocol;
    header.rtm_type = RTN_UNICAST;
    header.rtm_scope = route_scope(type, route);
    request.put_address(RTA_DST, route.to.address);
    request.put_u32(RTA_TABLE, route.table);
    if (route.via) put_gateway(request, route.to.address.family, *route.via);
    if (route.interface != 0) request.put_u32(RTA_OIF, route.interface);
    if (route.metric != 0) request.put_u32(RTA_PRIORITY, route.metric);
    if (route.preferred_source) request.put_address(RTA_PREFSRC, *route.preferred_source);
    return socket_.transact(request.message(), fmt::format("{} route {}", verb, route.to_string()));
}

Result<void> HostControl::use_neighbour(InterfaceIndex interface, const IpAddress& address) {
    NetlinkRequest request(RTM_NEWNEIGH, NLM_F_CREATE);
    auto& header = request.header<ndmsg>();
    header.ndm_family = kernel_family(address.family);
    header.ndm_ifindex = static_cast<int>(interface);
    header.ndm_state = NUD_NONE;
    header.ndm_flags = NTF_USE;
    request.put_address(NDA_DST, address);
    return socket_.transact(request.message(), fmt::format("resolve neighbour {} on interface {}",
                                                           address.to_string(), interface));
}

}  // namespace ringway::control::host
