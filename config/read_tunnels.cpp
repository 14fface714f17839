// The section tunnels.

#include <fmt/format.h>

#include <limits>

#include "config/host_interface.h"
#include "config/map_reader.h"
#include "config/names.h"
#include "config/read_peers.h"
#include "config/sections.h"

namespace ringway::config {

namespace {

constexpr Range kListenPort = {1, 65535};
constexpr Range kMarkOrTable = {0, std::numeric_limits<std::uint32_t>::max()};

constexpr Words<Forward, 2> kForward = {{{"fast", Forward::fast}, {"host", Forward::host}}};
constexpr Words<DontFragment, 2> kDontFragment = {
    {{"clear", DontFragment::clear}, {"set", DontFragment::set}}};

void read_outer(MapReader& map, Context& context, Tunnel& tunnel) {
    const Value* const value = map.find("outer");
    if (value == nullptr) return;
    MapReader outer(*value, "a tunnel's outer side", context.problems);
    tunnel.outer_netns = read_netns(outer, context);
    outer.finish();
}

/// REQUIRES: tunnel.outer_netns has been read, since a port number is taken only inside one.
void read_listen_port(MapReader& map, Context& context, Tunnel& tunnel) {
    const Value* const value = map.require("listen_port");
    if (value == nullptr) return;
    const auto port = read_number(*value, kListenPort, context.problems);
    if (!port) return;
    tunnel.listen_port = static_cast<std::uint16_t>(*port);
    if (const auto line = context.listen_ports.claim({tunnel.outer_netns, tunnel.listen_port}, value->at)) {
        context.problems.add(
            *value, fmt::format("{} is taken by the tunnel of line {}, expected another port", *port, *line));
    }
}

/// Reads the tunnel's name, and its host interface, which bears it too.
void read_name_and_host(const Value& value, MapReader& map, Context& context, Unique<std::string>& names,
                        Tunnel& tunnel) {
    HostReader host{
        .noun = "a tunnel's host interface", .has_name = false, .named_at = value.at, .mtu = tunnel.mtu};
    if (const Value* const name = map.require("name")) {
        tunnel.name = read_judged(*name, judge_interface_name, context.problems).value_or("");
        host.named_at = name->at;
    }
    host.default_name = tunnel.name;
    if (!tunnel.name.empty()) {
        if (const auto line = names.claim(tunnel.name, host.named_at)) {
            context.problems.add(host.named_at,
                                 fmt::format("tunnel {} again, expected another name than in line {}",
                                             shown(tunnel.name), *line));
            host.default_name.clear();
        }
    }
    tunnel.host = read_host_interface(map.find("host"), host, context);
}

Tunnel read_tunnel(const Value& value, Context& context, Unique<std::string>& names) {
    MapReader map(value, "a tunnel", context.problems);
    Tunnel tunnel{.line = value.at.line};
    map.number("mtu", tunnel.mtu, kMtu);
    read_name_and_host(value, map, context, names, tunnel);
    auto private_key =
        read_secret_key(map, {.key = "private_key", .file = "private_key_file"}, true, context);
    const bool has_key = private_key.has_value();
    if (private_key) {
        tunnel.private_key = std::move(*private_key);
        tunnel.public_key = public_key_of(tunnel.private_key);
    }
    read_outer(map, context, tunnel);
    read_listen_port(map, context, tunnel);
    map.number_or_off("fwmark", tunnel.fwmark, kMarkOrTable);
    map.number_or_off("table", tunnel.table, kMarkOrTable);
    map.word("forward", tunnel.forward, kForward);
    map.boolean("peer_to_peer", tunnel.peer_to_peer);
    map.word("df", tunnel.df, kDontFragment);
    map.boolean("route_allowed_ips", tunnel.route_allowed_ips);
    if (const Value* const peers = map.find("peers")) {
        read_peers(*peers, context, has_key ? &tunnel.public_key : nullptr, tunnel.peers);
    }
    map.finish();
    return tunnel;
}

}  // namespace

void read_tunnels(const Value& value, Context& context, std::uint32_t max_peers,
                  std::vector<Tunnel>& tunnels) {
    Unique<std::string> names;
    std::size_t peers = 0;
    for_each_item(value, context.problems, [&](const Value& item) {
        tunnels.push_back(read_tunnel(item, context, names));
        peers += tunnels.back().peers.size();
    });
    if (peers > max_peers) {
        context.problems.add(
            value.key_at, fmt::format("{} peers in all tunnels, expected at most the {} of system.max_peers",
                                      peers, max_peers));
    }
}

}  // namespace ringway::config
