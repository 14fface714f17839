#pragma once

#include <doctest/doctest.h>

#include <map>
#include <string>
#include <vector>

#include "control/host/netlink_mirror.h"
#include "tests/control/host/namespaces.h"

namespace ringway::tests {

/// Keeps what a mirror tells, as a user of it would, and how often it told something.
class RecordingListener final : public control::host::MirrorListener {
  public:
    void link(const control::host::Link& link) override { put(links, link.index, link); }
    void link_gone(const control::host::Link& link) override { take(links, link.index); }
    void address(const control::host::Address& address) override {
        put(addresses, {address.interface, {address.local, address.subnet.length}}, address);
    }
    void address_gone(const control::host::Address& address) override {
        take(addresses, {address.interface, {address.local, address.subnet.length}});
    }
    void route(const control::host::Route& route) override {
        ++route_reports[{route.table, route.prefix}];
        put(routes, {route.table, route.prefix}, route);
    }
    void route_gone(const control::host::Route& route) override {
        ++route_reports[{route.table, route.prefix}];
        take(routes, {route.table, route.prefix});
    }
    void neighbour(const control::host::Neighbour& neighbour) override {
        ++neighbour_reports[{neighbour.interface, neighbour.address}];
        if (neighbour.state == control::host::NeighbourState::failed) ++failures;
        put(neighbours, {neighbour.interface, neighbour.address}, neighbour);
    }
    void neighbour_gone(const control::host::Neighbour& neighbour) override {
        take(neighbours, {neighbour.interface, neighbour.address});
    }

    [[nodiscard]] const control::host::Route* find_route(const std::string& to,
                                                         std::uint32_t table = RT_TABLE_MAIN) const {
        return find(routes, control::host::RouteKey{table, prefix(to)});
    }
    /// How often a route of the main table was told of, or that it is gone.
    [[nodiscard]] unsigned reports_of(const std::string& to) const {
        const unsigned* found = find(route_reports, control::host::RouteKey{RT_TABLE_MAIN, prefix(to)});
        return found == nullptr ? 0 : *found;
    }
    [[nodiscard]] const control::host::Address* find_address(control::host::InterfaceIndex interface,
                                                             const std::string& text) const {
        return find(addresses, control::host::AddressKey{interface, interface_address(text)});
    }
    [[nodiscard]] const control::host::Neighbour* find_neighbour(control::host::InterfaceIndex interface,
                                                                 const std::string& text) const {
        return find(neighbours, control::host::NeighbourKey{interface, tests::address(text)});
    }
    [[nodiscard]] const control::host::Link* find_link(const std::string& name) const {
        for (const auto& [index, link] : links) {
            if (link.name == name) return &link;
        }
        return nullptr;
    }

    std::map<control::host::InterfaceIndex, control::host::Link> links;
    std::map<control::host::AddressKey, control::host::Address> addresses;
    std::map<control::host::RouteKey, control::host::Route> routes;
    std::map<control::host::NeighbourKey, control::host::Neighbour> neighbours;
    std::map<control::host::RouteKey, unsigned> route_reports;
    std::map<control::host::NeighbourKey, unsigned> neighbour_reports;
    unsigned failures = 0;  ///< of neighbours
    unsigned needless = 0;  ///< calls that told nothing new

  private:
    template <typename Map, typename Value>
    void put(Map& map, const typename Map::key_type& key, const Value& value) {
        const auto [place, fresh] = map.try_emplace(key, value);
        if (!fresh && place->second == value) ++needless;
        place->second = value;
    }
    template <typename Map>
    void take(Map& map, const typename Map::key_type& key) {
        if (map.erase(key) == 0) ++needless;
    }
    template <typename Map>
    [[nodiscard]] static const typename Map::mapped_type* find(const Map& map,
                                                               const typename Map::key_type& key) {
        const auto found = map.find(key);
        return found == map.end() ? nullptr : &found->second;
    }
};

/// A mirror of a namespace and what it told.
struct Watch {
    explicit Watch(const TestNetns& netns, control::host::MirrorOptions options = {})
        : mirror(control::host::NetlinkMirror::open(netns.handle(), heard, std::move(options)).value()) {
        sync();
    }
    /// Takes in everything that the kernel has told by now.
    void sync() {
        pollfd readable{.fd = mirror->fd(), .events = POLLIN, .revents = 0};
        do {
            REQUIRE(mirror->process().has_value());
            REQUIRE(mirror->wait_until_synced(std::chrono::seconds(20)).has_value());
        } while (::poll(&readable, 1, 0) > 0);
    }
    /// For what the kernel does in its own time.
    template <typename Condition>
    [[nodiscard]] bool until(Condition&& condition) {
        return eventually(mirror->fd(), [&] {
            sync();
            return condition();
        });
    }

    RecordingListener heard;
    std::unique_ptr<control::host::NetlinkMirror> mirror;
};

}  // namespace ringway::tests
