#include "control/view/json.h"

#include <fmt/format.h>

#include <algorithm>

#include "control/protocol/verdict.h"
#include "control/view/why.h"

namespace ringway::control {

using dataplane::kDropReasonNames;
using dataplane::kDropReasons;
using dataplane::kStageNames;
using dataplane::kStages;

namespace {

std::string mac_text(const dataplane::MacAddress& mac) {
    return fmt::format("{:02x}:{:02x}:{:02x}:{:02x}:{:02x}:{:02x}", mac[0], mac[1], mac[2], mac[3], mac[4],
                       mac[5]);
}

template <typename T>
Json or_null(const std::optional<T>& value) {
    return value ? Json(*value) : Json(nullptr);
}

Json text_or_null(const std::string& text) {
    return text.empty() ? Json(nullptr) : Json(text);
}

double share(std::uint64_t part, std::uint64_t whole) {
    return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
}

Json totals_json(const dataplane::Totals& totals, std::uint64_t in_flight) {
    return {{"in_packets", totals.in},
            {"from_host_packets", totals.from_host},
            {"made_here_packets", totals.made_here},
            {"out_packets", totals.out},
            {"to_host_packets", totals.to_host},
            {"consumed_packets", totals.consumed},
            {"dropped_packets", totals.dropped()},
            {"in_flight_packets", in_flight}};
}

constexpr std::array<const char*, 2> kDirectionNames = {"outbound", "inbound"};
constexpr std::array<const char*, 2> kHandshakeRoles = {"initiator", "responder"};

/// Counts by bucket: count i is of durations up to bound i and above the one before, the last of those
/// above every bound.
Json distribution_json(const dataplane::Distribution& distribution) {
    Json bounds = Json::array();
    for (std::size_t i = 0; i + 1 < distribution.counts.size(); ++i)
        bounds.push_back(static_cast<double>(distribution.bound(i)) * 1e-9);
    return {{"bounds_seconds", std::move(bounds)},
            {"counts", distribution.counts},
            {"sum_seconds", static_cast<double>(distribution.sum_nanoseconds) * 1e-9}};
}

Json distributions_json(const std::array<dataplane::Distribution, 2>& distributions,
                        const std::array<const char*, 2>& names) {
    return {{names[0], distribution_json(distributions[0])}, {names[1], distribution_json(distributions[1])}};
}

Json handshakes_json(const protocol::TunnelHandshakes& handshakes) {
    Json received = Json::object();
    for (std::size_t i = 0; i < protocol::kVerdicts; ++i)
        received[std::string(protocol::name(static_cast<protocol::Verdict>(i)))] = handshakes.verdicts[i];
    return {{"initiations_sent", handshakes.initiations_sent}, {"received", std::move(received)}};
}

Json roles_json(const dataplane::LcoreRoles& roles) {
    Json list = Json::array();
    if (roles.rx) list.push_back("rx");
    if (roles.crypto) list.push_back("crypto");
    if (roles.tx) list.push_back("tx");
    return list;
}

std::string_view kind_name(PathView::Kind kind) {
    switch (kind) {
        case PathView::Kind::none:
            return "none";
        case PathView::Kind::port:
            return "port";
        case PathView::Kind::tunnel:
            return "tunnel";
        case PathView::Kind::local:
            return "local";
        case PathView::Kind::blackhole:
            return "blackhole";
        case PathView::Kind::host:
            return "host";
    }
    return "";
}

std::string_view state_name(dataplane::NeighbourState state) {
    switch (state) {
        case dataplane::NeighbourState::absent:
            return "unresolved";
        case dataplane::NeighbourState::usable:
            return "resolved";
        case dataplane::NeighbourState::failed:
            return "failed";
    }
    return "";
}

Json to_json(const PathView& path) {
    const bool by_port = path.kind == PathView::Kind::port;
    return {{"kind", kind_name(path.kind)},
            {"to", text_or_null(path.to)},
            {"next_hop", by_port ? Json(path.next_hop.to_string()) : Json(nullptr)},
            {"neighbour", by_port ? Json(state_name(path.neighbour)) : Json(nullptr)}};
}

/// What went wrong since the last complete handshake.
Json troubles_json(const PeerView& view) {
    const protocol::PeerTroubles& troubles = view.protocol.troubles;
    const auto seconds_since = [&](std::uint32_t count, dataplane::Nanoseconds then) {
        if (count == 0) return Json(nullptr);
        return Json(static_cast<double>(view.now - std::min(view.now, then)) * 1e-9);
    };
    return {{"unanswered_initiations", troubles.unanswered},
            {"unanswered_seconds", seconds_since(troubles.unanswered, troubles.unanswered_since)},
            {"cookies", troubles.cookies},
            {"bad_responses", troubles.bad_responses},
            {"unused_responses", troubles.unconfirmed},
            {"unused_seconds", seconds_since(troubles.unconfirmed, troubles.unconfirmed_since)},
            {"refused_initiations", troubles.refused},
            {"last_refusal", troubles.refused == 0 ? Json(nullptr) : Json(name(troubles.refused_for))},
            {"last_refusal_seconds_ago", seconds_since(troubles.refused, troubles.refused_at)}};
}

Json to_json(const protocol::Stranger& stranger, const PeerView& view) {
    const bool knows_key = stranger.verdict == protocol::Verdict::unknown_peer;
    return {{"public_key", knows_key ? Json(key_text(stranger.key)) : Json(nullptr)},
            {"endpoint", endpoint_text(stranger.from)},
            {"at_endpoint_of_peer", view.stranger_at_endpoint},
            {"problem", name(stranger.verdict)},
            {"seconds_ago", static_cast<double>(view.now - std::min(view.now, stranger.at)) * 1e-9}};
}

}  // namespace

static Json configuration_json(const ConfigurationView& view) {
    const std::uint64_t reload = view.last_reload_unix_nanoseconds;
    return {{"changes", view.changes},
            {"unsaved_changes", view.unsaved_changes},
            {"reloads", view.reloads},
            {"failed_reloads", view.failed_reloads},
            {"last_reload", reload == 0 ? Json(nullptr) : Json(time_text(reload))},
            {"last_reload_failed", view.last_reload_failed},
            {"commit_remaining_seconds", or_null(view.commit_remaining_seconds)}};
}

Json to_json(const StatusView& view) {
    return {{"started", time_text(view.started_unix_nanoseconds)},
            {"uptime_seconds", view.uptime_seconds},
            {"draining", view.draining},
            {"ports", view.ports},
            {"lcores", view.lcores},
            {"lcores_standing_still", view.lcores_standing_still},
            {"tunnels", view.tunnels},
            {"peers", view.peers},
            {"max_peers", view.max_peers},
            {"packets", totals_json(view.packets, view.in_flight)},
            {"packet_buffers", view.packet_buffers},
            {"packet_buffers_free", view.packet_buffers_free},
            {"bundles", view.bundles},
            {"bundles_in_use", view.bundles_in_use},
            {"configuration", configuration_json(view.configuration)},
            {"dpdk_version", view.dpdk_version},
            {"aead", view.aead},
            {"bundle_times", distributions_json(view.bundle_times, kDirectionNames)},
            {"handshake_times", distributions_json(view.handshake_times, kHandshakeRoles)}};
}

Json to_json(const PortView& view) {
    return {{"name", view.name},
            {"device", view.device},
            {"host_interface", view.host_interface},
            {"netns", view.netns},
            {"mac", mac_text(view.mac)},
            {"mtu_bytes", view.mtu},
            {"rx_queues", view.rx_queues},
            {"link_up", view.link_up},
            {"speed_megabits_per_second", view.speed_mbps},
            {"rx_packets", view.rx_packets},
            {"rx_bytes", view.rx_bytes},
            {"rx_missed_packets", view.rx_missed_packets},
            {"rx_error_packets", view.rx_errors},
            {"rx_no_buffer_packets", view.rx_no_buffer_packets},
            {"tx_packets", view.tx_packets},
            {"tx_bytes", view.tx_bytes},
            {"tx_error_packets", view.tx_errors}};
}

Json to_json(const LcoreView& view) {
    Json stages = Json::object();
    for (std::size_t i = 0; i < kStages; ++i) {
        stages[std::string(kStageNames[i])] = {
            {"busy_seconds", share(view.stage_cycles[i], view.cycles_per_second)},
            {"packets", view.stage_packets[i]},
            {"cycles_per_packet", share(view.stage_cycles[i], view.stage_packets[i])}};
    }
    return {{"lcore", view.lcore},
            {"cpu", view.cpu},
            {"roles", roles_json(view.roles)},
            {"stands_still", view.stands_still},
            {"polls", view.polls},
            {"busy_polls", view.busy_polls},
            {"stages", std::move(stages)},
            {"bundles", view.bundles},
            {"aead_calls", view.aead_calls},
            {"packets_per_aead_call",
             share(view.stage_packets[static_cast<std::size_t>(dataplane::Stage::crypto)], view.aead_calls)},
            {"dropped_packets", view.dropped_packets}};
}

Json to_json(const RingView& view) {
    return {{"name", view.name},
            {"lcore", or_null(view.lcore)},
            {"depth", view.depth},
            {"capacity", view.capacity}};
}

Json to_json(const TunnelView& view) {
    return {{"name", view.name},
            {"public_key", view.public_key ? Json(key_text(*view.public_key)) : Json(nullptr)},
            {"listen_port", view.listen_port},
            {"mtu_bytes", view.mtu},
            {"fwmark", view.fwmark},
            {"forward", view.through_host ? "host" : "fast"},
            {"peer_to_peer", view.peer_to_peer},
            {"df", view.dont_fragment ? "set" : "clear"},
            {"netns", view.netns},
            {"outer_netns", view.outer_netns},
            {"peers", view.peers},
            {"peers_up", view.peers_up},
            {"rx_packets", view.rx_packets},
            {"rx_bytes", view.rx_bytes},
            {"tx_packets", view.tx_packets},
            {"tx_bytes", view.tx_bytes},
            {"handshakes", handshakes_json(view.handshakes)}};
}

Json to_json(const PeerView& view) {
    Json allowed_ips = Json::array();
    for (const dataplane::IpPrefix& prefix : view.allowed_ips)
        allowed_ips.push_back(prefix.to_string());
    const std::uint64_t handshake = view.protocol.last_handshake_unix_ns;
    return {{"key", key_in_path(view.public_key)},
            {"tunnel", view.tunnel},
            {"name", text_or_null(view.name)},
            {"public_key", key_text(view.public_key)},
            {"has_preshared_key", view.has_preshared_key},
            {"endpoint", view.endpoint ? Json(endpoint_text(*view.endpoint)) : Json(nullptr)},
            {"configured_endpoint",
             view.configured_endpoint.empty() ? Json(nullptr) : Json(view.configured_endpoint)},
            {"port", text_or_null(view.port)},
            {"path", view.path ? to_json(*view.path) : Json(nullptr)},
            {"allowed_ips", std::move(allowed_ips)},
            {"persistent_keepalive_seconds", view.persistent_keepalive_seconds},
            {"state", name(view.state)},
            {"reason", view.reason == SessionReason::none ? Json(nullptr) : Json(name(view.reason))},
            {"why", text_or_null(view.why)},
            {"problem", protocol::name(view.protocol.problem)},
            {"initiations", view.protocol.initiations},
            {"since_last_handshake", troubles_json(view)},
            {"stranger", view.stranger ? to_json(*view.stranger, view) : Json(nullptr)},
            {"last_handshake", handshake == 0 ? Json(nullptr) : Json(time_text(handshake))},
            {"session_age_seconds", or_null(view.session_age_seconds)},
            {"rx_packets", view.rx_packets},
            {"rx_bytes", view.rx_bytes},
            {"tx_packets", view.tx_packets},
            {"tx_bytes", view.tx_bytes},
            {"dropped_packets", view.dropped_packets},
            {"last_drop", view.last_drop ? Json{{"reason", dataplane::name(*view.last_drop)},
                                                {"seconds_ago", view.last_drop_seconds_ago}}
                                         : Json(nullptr)}};
}

Json to_json(const DropsView& view) {
    Json reasons = Json::array();
    for (std::size_t reason = 0; reason < kDropReasons; ++reason) {
        Json by = Json::array();
        for (std::size_t i = 0; i < view.counters.size(); ++i) {
            if (view.drops[i][reason] == 0) continue;
            by.push_back({{"counter", view.counters[i]}, {"packets", view.drops[i][reason]}});
        }
        reasons.push_back({{"reason", kDropReasonNames[reason]},
                           {"packets", view.totals.drops[reason]},
                           {"by", std::move(by)}});
    }
    const auto left = view.totals.under_way() - static_cast<std::int64_t>(view.in_flight);
    return {{"packets", totals_json(view.totals, view.in_flight)},
            {"unaccounted_packets", left},
            {"items", std::move(reasons)}};
}

Json to_json(const PlanSummary& plan) {
    Json changes = Json::array();
    for (const PlannedChange& change : plan.changes) {
        Json fields = Json::array();
        for (const FieldChange& field : change.fields)
            fields.push_back({{"field", field.field}, {"change", field.what}});
        changes.push_back({{"tunnel", change.tunnel},
                           {"peer", change.peer},
                           {"public_key", change.public_key},
                           {"action", name(change.kind)},
                           {"fields", std::move(fields)}});
    }
    return {{"added", plan.added},       {"changed", plan.changed},
            {"removed", plan.removed},   {"changes", std::move(changes)},
            {"more_changes", plan.more}, {"needs_restart", plan.needs_restart}};
}

}  // namespace ringway::control
