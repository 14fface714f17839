#include "control/console/screens.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "control/console/table.h"
#include "control/console/units.h"
#include "control/version.h"
#include "control/view/age_text.h"
#include "control/view/json.h"
#include "control/view/why.h"

namespace ringway::control::console {
namespace {

using Align = Table::Align;

Table::Column number(std::string name) {
    return {std::move(name), Align::right, 12};
}

std::string yes_no(bool value) {
    return value ? "yes" : "no";
}

std::string or_dash(const std::string& text) {
    return text.empty() ? "-" : text;
}

std::string mac_text(const dataplane::MacAddress& mac) {
    return fmt::format("{:02x}", fmt::join(mac, ":"));
}

std::string link_text(const PortView& port) {
    if (!port.link_up) return "down";
    if (port.speed_mbps == 0) return "up";
    return port.speed_mbps < 1000 ? fmt::format("up {}M", port.speed_mbps)
                                  : fmt::format("up {}G", port.speed_mbps / 1000);
}

std::string packets_text(const dataplane::Totals& totals, std::uint64_t in_flight) {
    return fmt::format(
        "{} in + {} from host + {} made here = {} out + {} to host + {} consumed + {} drops + {} in flight",
        count_text(totals.in), count_text(totals.from_host), count_text(totals.made_here),
        count_text(totals.out), count_text(totals.to_host), count_text(totals.consumed),
        count_text(totals.dropped()), count_text(in_flight));
}

std::string state_text(const StatusView& status) {
    if (status.draining) return "stopping";
    if (status.lcores_standing_still != 0)
        return fmt::format("{} lcore(s) stand still", status.lcores_standing_still);
    return "running";
}

std::string roles_text(const dataplane::LcoreRoles& roles) {
    if (roles.rx && roles.crypto && roles.tx) return "all";
    std::string text;
    const auto add = [&](bool has, std::string_view role) {
        if (has) text += (text.empty() ? "" : ",") + std::string(role);
    };
    add(roles.rx, "rx");
    add(roles.crypto, "crypto");
    add(roles.tx, "tx");
    return text;
}

/// Names are short; of a key the beginning tells it from others.
std::string peer_label(const PeerView& peer) {
    return peer.name.empty() ? key_text(peer.public_key) : peer.name;
}

std::string ago(std::uint64_t then, std::uint64_t now) {
    if (then == 0) return "never";
    return age_text(now > then ? static_cast<double>(now - then) * 1e-9 : 0);
}

std::string allowed_text(const PeerView& peer) {
    std::string text;
    for (const dataplane::IpPrefix& prefix : peer.allowed_ips)
        text += (text.empty() ? "" : ", ") + prefix.to_string();
    return text.empty() ? "none: it can receive nothing, and what it sends is dropped" : text;
}

std::string flow_text(std::uint64_t packets, std::uint64_t bytes) {
    return fmt::format("{} packets, {}", count_text(packets), bytes_text(bytes));
}

std::string drops_text(const PeerView& peer) {
    if (!peer.last_drop) return "none";
    return fmt::format("{}, the last {} ago: {}", count_text(peer.dropped_packets),
                       age_text(peer.last_drop_seconds_ago), dataplane::name(*peer.last_drop));
}

std::string changes_text(const ConfigurationView& view) {
    std::string text = view.changes == 0 ? "none since the start" : count_text(view.changes);
    if (view.unsaved_changes) text += ", not all in the file";
    if (view.reloads != 0) text += fmt::format("; {} reloads", view.reloads);
    if (view.last_reload_failed) text += ", the last one failed: see the log";
    return text;
}

}  // namespace

std::string status_screen(const StatusView& status, std::size_t columns) {
    std::vector<std::pair<std::string, std::string>> lines = {
        {"version", kVersion},
        {"state", state_text(status)},
        {"uptime", fmt::format("{}, since {}", age_text(status.uptime_seconds),
                               time_text(status.started_unix_nanoseconds))},
        {"ports", std::to_string(status.ports)},
        {"lcores", std::to_string(status.lcores)},
        {"tunnels", std::to_string(status.tunnels)},
        {"peers", fmt::format("{} of at most {}", status.peers, status.max_peers)},
        {"packets", packets_text(status.packets, status.in_flight)},
        {"buffers", fmt::format("{} of {} free", status.packet_buffers_free, status.packet_buffers)},
        {"bundles", fmt::format("{} of {} in use", status.bundles_in_use, status.bundles)},
        {"changes", changes_text(status.configuration)},
    };
    if (const auto remaining = status.configuration.commit_remaining_seconds)
        lines.emplace_back("commit", fmt::format("undone in {:.0f} s unless 'commit'", *remaining));
    return sheet_text(lines, columns);
}

std::string ports_screen(const std::vector<PortView>& ports, std::size_t columns) {
    Table facts({{"port"}, {"link"}, {"mtu", Align::right}, {"mac"}, {"interface"}, {"netns"}, {"device"}});
    Table counts({{"port"},
                  number("rx pkts"),
                  number("rx bytes"),
                  number("missed"),
                  number("errors"),
                  number("no buffer"),
                  number("tx pkts"),
                  number("tx bytes"),
                  number("tx errors")});
    for (const PortView& port : ports) {
        facts.add({port.name, link_text(port), std::to_string(port.mtu), mac_text(port.mac),
                   port.host_interface, or_dash(port.netns), port.device});
        counts.add({port.name, count_text(port.rx_packets), bytes_text(port.rx_bytes),
                    count_text(port.rx_missed_packets), count_text(port.rx_errors),
                    count_text(port.rx_no_buffer_packets), count_text(port.tx_packets),
                    bytes_text(port.tx_bytes), count_text(port.tx_errors)});
    }
    return facts.text(columns) + "\n" + counts.text(columns);
}

std::string lcores_screen(const std::vector<LcoreView>& lcores, double seconds, std::size_t columns) {
    using dataplane::Stage;
    Table table({{"lcore", Align::right},
                 {"cpu", Align::right},
                 {"roles"},
                 number("busy"),
                 number("rx"),
                 number("crypto"),
                 number("tx"),
                 number("burst"),
                 number("aead"),
                 number("bundle"),
                 number("drops")});
    for (const LcoreView& lcore : lcores) {
        const auto cycles = [&](Stage stage) {
            const auto i = static_cast<std::size_t>(stage);
            return ratio_text(static_cast<double>(lcore.stage_cycles[i]),
                              static_cast<double>(lcore.stage_packets[i]));
        };
        const auto received = static_cast<double>(lcore.stage_packets[static_cast<std::size_t>(Stage::rx)]);
        const auto opened = static_cast<double>(lcore.stage_packets[static_cast<std::size_t>(Stage::crypto)]);
        const auto busy = static_cast<double>(
            std::accumulate(lcore.stage_cycles.begin(), lcore.stage_cycles.end(), std::uint64_t{0}));
        table.add(
            {std::to_string(lcore.lcore), std::to_string(lcore.cpu), roles_text(lcore.roles),
             lcore.stands_still ? "STILL"
                                : share_text(busy, seconds * static_cast<double>(lcore.cycles_per_second)),
             cycles(Stage::rx), cycles(Stage::crypto), cycles(Stage::tx),
             lcore.roles.rx ? ratio_text(received, static_cast<double>(lcore.busy_polls)) : "-",
             ratio_text(opened, static_cast<double>(lcore.aead_calls)),
             ratio_text(opened, static_cast<double>(lcore.bundles)), count_text(lcore.dropped_packets)});
    }
    return table.text(columns) +
           "busy: share of the time. rx, crypto, tx: cycles per packet.\n"
           "burst, aead, bundle: packets in a turn, in an AEAD call, in a bundle.\n";
}

std::string rings_screen(const std::vector<RingView>& rings, std::size_t columns) {
    Table table({{"ring"}, {"lcore", Align::right}, number("depth"), number("capacity"), number("full")});
    for (const RingView& ring : rings) {
        table.add({ring.name, ring.lcore ? std::to_string(*ring.lcore) : "-", std::to_string(ring.depth),
                   std::to_string(ring.capacity),
                   share_text(static_cast<double>(ring.depth), static_cast<double>(ring.capacity))});
    }
    return table.text(columns);
}

std::string tunnels_screen(const std::vector<TunnelView>& tunnels, std::size_t columns) {
    Table facts({{"tunnel"},
                 {"public key"},
                 {"listen", Align::right},
                 {"mtu", Align::right},
                 {"peers", Align::right}});
    Table ways({{"tunnel"},
                {"forward"},
                {"peer to peer"},
                {"df"},
                {"fwmark", Align::right},
                {"netns"},
                {"outer netns"}});
    for (const TunnelView& tunnel : tunnels) {
        facts.add({tunnel.name, tunnel.public_key ? key_text(*tunnel.public_key) : "none",
                   std::to_string(tunnel.listen_port), std::to_string(tunnel.mtu),
                   std::to_string(tunnel.peers)});
        ways.add({tunnel.name, tunnel.through_host ? "host" : "fast", yes_no(tunnel.peer_to_peer),
                  tunnel.dont_fragment ? "set" : "clear",
                  tunnel.fwmark == 0 ? "off" : std::to_string(tunnel.fwmark), or_dash(tunnel.netns),
                  or_dash(tunnel.outer_netns)});
    }
    return facts.text(columns) + "\n" + ways.text(columns);
}

std::string drops_screen(const DropsView& drops, std::size_t columns) {
    Table table({{"reason"}, number("packets"), {"dropped by", Align::left, 60}});
    for (std::size_t reason = 0; reason < dataplane::kDropReasons; ++reason) {
        if (drops.totals.drops[reason] == 0) continue;
        std::string by;
        for (std::size_t i = 0; i < drops.counters.size(); ++i) {
            if (drops.drops[i][reason] == 0) continue;
            by += fmt::format("{}{} {}", by.empty() ? "" : ", ", drops.counters[i],
                              count_text(drops.drops[i][reason]));
        }
        table.add(
            {std::string(dataplane::kDropReasonNames[reason]), count_text(drops.totals.drops[reason]), by});
    }
    const std::string sum = sheet_text({{"packets", packets_text(drops.totals, drops.in_flight)}}, columns);
    return (table.is_empty() ? "no packet was dropped\n" : table.text(columns)) + "\n" + sum;
}

std::string routes_screen(const std::vector<RouteView>& routes, std::size_t columns) {
    Table table({{"prefix"}, {"kind"}, {"to"}, {"via"}, {"netns"}});
    for (const RouteView& route : routes) {
        table.add({route.prefix.to_string(), std::string(name(route.kind)), or_dash(route.to),
                   route.gateway.is_unspecified() ? "-" : route.gateway.to_string(), or_dash(route.netns)});
    }
    return table.text(columns);
}

std::string peers_screen(const std::vector<PeerView>& peers, std::uint64_t now_unix_nanoseconds,
                         std::size_t columns) {
    // Where there is little room, a column that says the same in each line goes first.
    const bool of_one_tunnel =
        std::ranges::all_of(peers, [&](const PeerView& peer) { return peer.tunnel == peers.front().tunnel; });
    const bool with_tunnel = columns >= kColumns || !of_one_tunnel;
    std::vector<Table::Column> heads = {{"peer", Align::left, 18}};
    if (with_tunnel) heads.push_back({"tunnel"});
    for (const char* name : {"state", "endpoint"})
        heads.push_back({name});
    for (const char* name : {"handshake", "rx", "tx", "drops"})
        heads.push_back(number(name));
    Table table(std::move(heads));
    for (const PeerView& peer : peers) {
        std::vector<std::string> cells = {peer_label(peer)};
        if (with_tunnel) cells.push_back(peer.tunnel);
        cells.insert(
            cells.end(),
            {std::string(name(peer.state)), peer.endpoint ? endpoint_text(*peer.endpoint) : "-",
             ago(peer.protocol.last_handshake_unix_ns, now_unix_nanoseconds), bytes_text(peer.rx_bytes),
             bytes_text(peer.tx_bytes), count_text(peer.dropped_packets)});
        table.add(std::move(cells));
    }
    return table.text(columns);
}

std::string peer_screen(const PeerView& peer, std::uint64_t now_unix_nanoseconds, std::size_t columns) {
    const std::uint64_t handshake = peer.protocol.last_handshake_unix_ns;
    std::vector<std::pair<std::string, std::string>> lines = {
        {"peer", or_dash(peer.name)},
        {"public key", key_text(peer.public_key)},
        {"tunnel", peer.tunnel},
        {"state", std::string(name(peer.state))},
    };
    if (!peer.why.empty()) lines.emplace_back("why", peer.why);
    lines.insert(
        lines.end(),
        {{"endpoint", peer.endpoint ? endpoint_text(*peer.endpoint) : "not known"},
         {"heard by", peer.port.empty() ? "not heard" : "port " + peer.port},
         {"route", peer.path ? path_text(*peer.path) : "-"},
         {"last handshake", handshake == 0 ? "never"
                                           : fmt::format("{} ago, {}", ago(handshake, now_unix_nanoseconds),
                                                         time_text(handshake))},
         {"session", peer.session_age_seconds ? age_text(*peer.session_age_seconds) + " old" : "none"},
         {"initiations", fmt::format("{} sent for the handshake under way", peer.protocol.initiations)},
         {"received", flow_text(peer.rx_packets, peer.rx_bytes)},
         {"sent", flow_text(peer.tx_packets, peer.tx_bytes)},
         {"drops", drops_text(peer)},
         {"allowed IPs", allowed_text(peer)},
         {"keepalive", peer.persistent_keepalive_seconds == 0
                           ? "off"
                           : fmt::format("every {} s", peer.persistent_keepalive_seconds)},
         {"preshared key", yes_no(peer.has_preshared_key)}});
    return sheet_text(lines, columns);
}

}  // namespace ringway::control::console
