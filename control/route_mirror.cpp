#include "control/route_mirror.h"

#include <algorithm>

namespace ringway::control {

using dataplane::IpAddress;
using dataplane::IpPrefix;
using dataplane::NextHop;

namespace {

bool covers(const IpPrefix& prefix, const IpAddress& address) {
    if (prefix.address.family != address.family) return false;
    for (unsigned bit = 0; bit < prefix.length; bit += 8) {
        const unsigned bits = std::min(8U, prefix.length - bit);
        const auto mask = static_cast<std::uint8_t>(0xff00U >> bits);
        if (((prefix.address.bytes[bit / 8] ^ address.bytes[bit / 8]) & mask) != 0) return false;
    }
    return true;
}

}  // namespace

std::optional<host::InterfaceIndex> RouteMirror::interface_of(dataplane::PortIndex port) const {
    const auto found =
        std::find_if(ports_.begin(), ports_.end(), [&](const auto& p) { return p.second == port; });
    return found == ports_.end() ? std::nullopt : std::optional(found->first);
}

std::optional<dataplane::PortIndex> RouteMirror::port_of(host::InterfaceIndex interface) const {
    const auto found = ports_.find(interface);
    return found == ports_.end() ? std::nullopt : std::optional(found->second);
}

// A link that goes down takes its routes along; the mirror tells of them.
void RouteMirror::link(const host::Link& link) {
    gone_.erase(link.index);
}

void RouteMirror::link_gone(const host::Link& link) {
    if (ports_.contains(link.index) || tunnels_.contains(link.index)) gone_.insert(link.index);
}

void RouteMirror::replace(host::InterfaceIndex gone, host::InterfaceIndex now) {
    const auto rename = [&](auto& ours) {
        if (auto node = ours.extract(gone)) {
            node.key() = now;
            ours.insert(std::move(node));
        }
    };
    rename(ports_);
    rename(tunnels_);
    gone_.erase(gone);
}

void RouteMirror::address(const host::Address& address) {
    std::erase_if(addresses_, [&](const host::Address& a) {
        return a.interface == address.interface && a.local == address.local;
    });
    if (!address.tentative) addresses_.push_back(address);
    publish_by(address.interface);
}

void RouteMirror::address_gone(const host::Address& address) {
    std::erase_if(addresses_, [&](const host::Address& a) {
        return a.interface == address.interface && a.local == address.local;
    });
    publish_by(address.interface);
}

IpAddress RouteMirror::source_for(const host::Route& route, const host::NextHop& hop) const {
    if (route.preferred_source) return *route.preferred_source;
    const host::Address* best = nullptr;
    for (const host::Address& address : addresses_) {
        if (address.interface != hop.interface || address.local.family != route.prefix.address.family)
            continue;
        // An address of the gateway's own subnet is the one the next hop expects.
        if (hop.gateway && covers(address.subnet, *hop.gateway)) return address.local;
        if (covers(address.subnet, route.prefix.address)) return address.local;
        if (best == nullptr || dataplane::stays_on_link(best->local.family, best->local.bytes.data()))
            best = &address;
    }
    return best != nullptr ? best->local : IpAddress{};
}

NextHop RouteMirror::evaluate(const host::Route& route) const {
    using Kind = NextHop::Kind;
    switch (route.type) {
        case host::RouteType::local:
            return {.kind = Kind::local, .gateway = {}, .source = {}};
        case host::RouteType::blackhole:
            return {.kind = Kind::blackhole, .gateway = {}, .source = {}};
        case host::RouteType::unicast:
            break;
        default:
            return {.kind = Kind::host, .gateway = {}, .source = {}};
    }
    if (route.opaque || route.is_selective()) return {.kind = Kind::host, .gateway = {}, .source = {}};
    for (const host::NextHop& hop : route.next_hops) {
        if (const auto tunnel = tunnels_.find(hop.interface); tunnel != tunnels_.end()) {
            return {.kind = Kind::tunnel,
                    .tunnel = tunnel->second,
                    .gateway = {},
                    .source = source_for(route, hop)};
        }
        if (const auto port = ports_.find(hop.interface); port != ports_.end()) {
            return {.kind = Kind::port,
                    .port = port->second,
                    .gateway = hop.gateway.value_or(IpAddress{}),
                    .source = source_for(route, hop)};
        }
    }
    return {.kind = Kind::host, .gateway = {}, .source = {}};
}

std::optional<host::Route>& RouteMirror::slot(const host::Route& route) {
    Known& known = routes_[route.prefix];
    return route.table == RT_TABLE_LOCAL ? known.local : known.main;
}

void RouteMirror::publish(const IpPrefix& prefix, const Known& known) {
    dataplane::RoutingDomain& domain = *plane_.domains[domain_];
    if (!known.local && !known.main) {
        domain.remove_route(prefix);
    } else {
        // Out of next hops: such packets go to the host stack, whose table is right.
        const NextHop hop = evaluate(known.local ? *known.local : *known.main);
        if (!domain.set_route(prefix, hop)) domain.remove_route(prefix);
    }
    changed();
}

std::vector<RouteMirror::Mirrored> RouteMirror::routes_after(const std::optional<IpPrefix>& after,
                                                             std::size_t limit) const {
    std::vector<Mirrored> routes;
    for (auto at = after ? routes_.upper_bound(*after) : routes_.begin();
         at != routes_.end() && routes.size() < limit; ++at) {
        const auto& [prefix, known] = *at;
        routes.push_back({prefix, evaluate(known.local ? *known.local : *known.main)});
    }
    return routes;
}

void RouteMirror::publish_by(host::InterfaceIndex interface) {
    const auto goes_by = [interface](const std::optional<host::Route>& route) {
        return route && std::any_of(route->next_hops.begin(), route->next_hops.end(),
                                    [interface](const auto& hop) { return hop.interface == interface; });
    };
    for (const auto& [prefix, known] : routes_) {
        if (goes_by(known.local) || goes_by(known.main)) publish(prefix, known);
    }
}

void RouteMirror::route(const host::Route& route) {
    slot(route) = route;
    publish(route.prefix, routes_[route.prefix]);
}

void RouteMirror::route_gone(const host::Route& route) {
    slot(route).reset();
    publish(route.prefix, routes_[route.prefix]);
    const Known& known = routes_[route.prefix];
    if (!known.local && !known.main) routes_.erase(route.prefix);
}

void RouteMirror::neighbour(const host::Neighbour& neighbour) {
    const auto port = port_of(neighbour.interface);
    if (!port) return;
    using dataplane::NeighbourState;
    switch (neighbour.state) {
        case host::NeighbourState::usable:
            // A full table means "unknown": such packets wait, and are dropped by name.
            (void)plane_.neighbours.set(*port, neighbour.address, {neighbour.mac, NeighbourState::usable});
            changed();
            waiting_.neighbour_usable(*port, neighbour.address);
            break;
        case host::NeighbourState::failed:
            (void)plane_.neighbours.set(*port, neighbour.address, {{}, NeighbourState::failed});
            changed();
            waiting_.neighbour_failed(*port, neighbour.address);
            break;
        case host::NeighbourState::incomplete:
            (void)plane_.neighbours.remove(*port, neighbour.address);
            changed();
            break;
    }
}

void RouteMirror::neighbour_gone(const host::Neighbour& neighbour) {
    const auto port = port_of(neighbour.interface);
    if (!port) return;
    (void)plane_.neighbours.remove(*port, neighbour.address);
    changed();
}

}  // namespace ringway::control
