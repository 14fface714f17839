// A datagram of netlink messages, read as the mirror of the kernel's tables reads one, and its routes put in
// their groups. What is behind a message must not matter to it.

#include <algorithm>
#include <cstring>
#include <map>
#include <vector>

#include "control/host/netlink_attributes.h"
#include "control/host/netlink_parse.h"
#include "control/host/netlink_socket.h"
#include "control/host/route_group.h"
#include "tests/fuzz/promise.h"
#include "tests/fuzz/targets.h"

namespace ringway::tests {
namespace {

using namespace control::host;

struct Routes {
    std::map<std::pair<std::uint32_t, IpPrefix>, RouteGroup> groups;
};

bool is_masked(const IpPrefix& prefix) {
    for (unsigned bit = prefix.length; bit < 8 * prefix.address.size(); ++bit) {
        if (((prefix.address.bytes[bit / 8] >> (7 - bit % 8)) & 1) != 0) return false;
    }
    return true;
}

void check_route(const Route& route) {
    promise(is_masked(route.prefix) && is_masked(route.from), "prefixes are masked");
    for (const NextHop& hop : route.next_hops)
        promise(hop.weight >= 1, "a next hop has a weight");
}

void take_route(Routes& routes, const nlmsghdr* message) {
    const auto route = parse_route(message);
    if (!route) return;
    check_route(*route);
    RouteGroup& group = routes.groups[{route->table, route->prefix}];
    if (message->nlmsg_type == RTM_DELROUTE) {
        (void)group.remove(*route);
        return;
    }
    group.add(*route, static_cast<RouteGroup::Place>(message->nlmsg_flags % 3));
    promise(!group.empty(), "a group holds what was added");
    if (const auto selected = group.selected())
        promise(selected->prefix == route->prefix, "it selects its own");
}

/// The message in memory of its own, exactly as long.
std::vector<std::uint8_t> alone(const nlmsghdr* message) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(message);
    return {bytes, bytes + message->nlmsg_len};
}

void take(Routes& routes, const nlmsghdr* message) {
    switch (message->nlmsg_type) {
        case RTM_NEWLINK:
        case RTM_DELLINK:
            if (const auto link = parse_link(message))
                promise(link->name.find('\0') == std::string::npos, "a name has no zeros");
            break;
        case RTM_NEWADDR:
        case RTM_DELADDR:
            if (const auto address = parse_address(message))
                promise(is_masked(address->subnet), "subnets are masked");
            break;
        case RTM_NEWROUTE:
        case RTM_DELROUTE:
            take_route(routes, message);
            break;
        case RTM_NEWNEIGH:
        case RTM_DELNEIGH:
            if (const auto neighbour = parse_neighbour(message)) {
                const bool knows = neighbour->mac != MacAddress{};
                promise(!knows || neighbour->state == NeighbourState::usable,
                        "only a usable neighbour has a MAC");
            }
            break;
        case NLMSG_ERROR:
            promise(error_of(message, "fuzz").attempted == "fuzz", "an error says what was attempted");
            break;
        default:
            break;
    }
}

}  // namespace

void fuzz_netlink(Input input) {
    // The kernel's messages are aligned.
    std::vector<std::uint8_t> datagram(input.begin(), input.end());
    Routes routes;
    Input left = datagram;
    while (const nlmsghdr* message = take_message(left)) {
        const auto copy = alone(message);
        take(routes, reinterpret_cast<const nlmsghdr*>(copy.data()));
    }
}

}  // namespace ringway::tests
