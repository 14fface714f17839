#include "control/host/route_group.h"

#include <algorithm>
#include <tuple>

namespace ringway::control::host {

namespace {

/// The kernel's order within a prefix: the more selective first, then by metric.
bool comes_before(const Route& a, const Route& b) {
    return std::tie(b.tos, b.from, a.metric) < std::tie(a.tos, a.from, b.metric);
}

/// IPv6 routes of one metric with gateways are one multipath route; those without stand side by side. What
/// router advertisements and redirects made is never merged.
bool joins_multipath(const Route& route) {
    const bool learned = route.protocol == RTPROT_RA || route.protocol == RTPROT_REDIRECT;
    return !learned && !route.next_hops.empty() && route.next_hops.front().gateway.has_value();
}

bool has_next_hop(const Route& route, const NextHop& hop) {
    return std::ranges::any_of(route.next_hops, [&](const NextHop& own) {
        return own.gateway == hop.gateway && own.interface == hop.interface;
    });
}

/// Takes the next hops of `gone` out of `route`; true if there were any.
bool take_out(Route& route, const Route& gone) {
    return std::erase_if(route.next_hops, [&](const NextHop& hop) { return has_next_hop(gone, hop); }) != 0;
}

}  // namespace

RouteGroup::Range RouteGroup::equals_of(const Route& route) {
    const auto [begin, end] = std::equal_range(routes_.begin(), routes_.end(), route, comes_before);
    return {begin, end};
}

void RouteGroup::add(const Route& route, Place place) {
    if (route.prefix.address.family == Family::v4) {
        add_v4(route, place);
    } else {
        add_v6(route, place);
    }
}

void RouteGroup::add_v4(const Route& route, Place place) {
    const auto [begin, end] = equals_of(route);
    if (place == Place::replace && begin != end) return substitute(begin, route);
    if (std::find(begin, end, route) == end) routes_.insert(place == Place::append ? end : begin, route);
}

void RouteGroup::add_v6(const Route& route, Place place) {
    const auto [begin, end] = equals_of(route);
    const bool multipath = joins_multipath(route);
    const auto is_like = [&](const Route& other) { return joins_multipath(other) == multipath; };
    const auto alike = std::find_if(begin, end, is_like);

    if (place == Place::replace && begin != end) return substitute(alike != end ? alike : begin, route);
    // The notification names the whole multipath route.
    if (multipath && alike != end) return substitute(alike, route);
    if (std::find(begin, end, route) == end) routes_.insert(end, route);
}

void RouteGroup::substitute(Iterator place, const Route& route) {
    *place = route;
    // Two routes alike would be one to whoever follows them.
    routes_.erase(std::remove(std::next(place), routes_.end(), route), routes_.end());
}

bool RouteGroup::remove(const Route& route) {
    const auto [begin, end] = equals_of(route);
    if (begin == end) return true;
    if (const auto same = std::find(begin, end, route); same != end) {
        routes_.erase(same);
        return true;
    }
    if (route.prefix.address.family == Family::v4) return false;

    // IPv6 removes single next hops of a multipath route.
    const auto holder = std::find_if(begin, end, [&](Route& other) { return take_out(other, route); });
    if (holder == end) return false;
    if (holder->next_hops.empty()) routes_.erase(holder);
    return true;
}

std::optional<Route> RouteGroup::selected() const {
    const auto chosen =
        std::ranges::find_if(routes_, [](const Route& r) { return !r.is_selective() && !r.is_dead(); });
    const bool selective = !routes_.empty() && routes_.front().is_selective();
    if (chosen == routes_.end() && !selective) return std::nullopt;
    Route route = chosen != routes_.end() ? *chosen : routes_.front();
    route.opaque = route.opaque || selective;
    return route;
}

}  // namespace ringway::control::host
