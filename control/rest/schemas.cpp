#include "control/rest/schemas.h"

#include <optional>
#include <string>

#include "control/events/json.h"
#include "control/rest/messages.h"

namespace ringway::control::rest {
namespace {

std::string type_of(const Json& value) {
    if (value.is_boolean()) return "boolean";
    if (value.is_number_float()) return "number";
    if (value.is_number()) return "integer";
    return "string";
}

/// The schema of what looks like `full`; what is null in `bare` may be missing.
Json schema_of(const Json& full, const Json& bare) {
    Json schema = Json::object();
    if (full.is_array()) {
        const bool has_bare = bare.is_array() && !bare.empty();
        const Json& item = full.front();
        schema = {{"type", "array"}, {"items", schema_of(item, has_bare ? bare.front() : item)}};
    } else if (full.is_object()) {
        Json properties = Json::object();
        Json required = Json::array();
        for (const auto& [key, value] : full.items()) {
            properties[key] = schema_of(value, bare.is_object() ? bare.at(key) : value);
            required.push_back(key);
        }
        schema = {
            {"type", "object"}, {"properties", std::move(properties)}, {"required", std::move(required)}};
    } else {
        schema = {{"type", type_of(full)}};
    }
    if (bare.is_null()) schema["type"] = Json::array({schema["type"], "null"});
    return schema;
}

template <typename View>
Json schema_of(const View& full) {
    return schema_of(to_json(full), to_json(View{}));
}

TunnelView full_tunnel() {
    TunnelView view;
    view.public_key.emplace();
    return view;
}

RingView full_ring() {
    RingView view;
    view.lcore = 0;
    return view;
}

PeerView full_peer() {
    PeerView view;
    view.name = view.port = view.why = view.configured_endpoint = "text";
    view.endpoint.emplace();
    view.allowed_ips.emplace_back();
    view.protocol.last_handshake_unix_ns = 1;
    view.session_age_seconds = 0.5;
    view.last_drop = dataplane::DropReason::replayed;
    view.path.emplace(PathView{.kind = PathView::Kind::port, .to = "wan"});
    view.reason = SessionReason::no_answer;
    view.stranger.emplace();
    protocol::PeerTroubles& troubles = view.protocol.troubles;
    troubles.unanswered = troubles.unconfirmed = troubles.refused = 1;
    return view;
}

/// What may be missing in what may be missing itself is looked up in a peer that has both.
Json peer_schema() {
    PeerView bare;
    bare.path.emplace();
    bare.stranger.emplace().verdict = protocol::Verdict::bad_mac1;
    Json schema = schema_of(to_json(full_peer()), to_json(bare));
    for (const char* key : {"path", "stranger"})
        schema["properties"][key]["type"] = Json::array({"object", "null"});
    return schema;
}

DropsView full_drops() {
    DropsView view;
    view.counters = {"lcore 0"};
    view.drops.emplace_back().fill(1);
    return view;
}

LcoreView full_lcore() {
    LcoreView view;
    view.roles.rx = true;
    return view;
}

PlanSummary full_plan() {
    PlanSummary plan;
    plan.changes.push_back({.tunnel = "text", .peer = "text", .public_key = "text", .fields = {}});
    plan.changes.back().fields.push_back({"text", "text"});
    plan.needs_restart = {"text"};
    return plan;
}

StatusView full_status() {
    StatusView view;
    const dataplane::Distribution distribution{.first_exponent = 8, .counts = {1, 1}, .sum_nanoseconds = 1};
    view.bundle_times.fill(distribution);
    view.handshake_times.fill(distribution);
    view.configuration.last_reload_unix_nanoseconds = 1;
    view.configuration.commit_remaining_seconds = 0.5;
    return view;
}

/// An event of each kind with all that it can tell, or as little as it can.
Event example_event(Event::Kind kind, bool full) {
    Event event;
    event.kind = kind;
    event.tunnel.assign("text");
    event.has_key = full || kind != Event::Kind::configuration_changed;
    if (!full) return event;
    event.peer.assign("text");
    event.endpoint.remote_port = event.endpoint_before.remote_port = 1;
    event.reason = "text";
    event.fields.assign("text");
    return event;
}

/// Any of the kinds: a field that one of them may lack is not required.
Json event_schema() {
    Json schema{{"type", "object"}, {"properties", Json::object()}, {"required", Json::array()}};
    Json kinds = Json::array();
    for (const auto kind : {Event::Kind::peer_up, Event::Kind::peer_down, Event::Kind::peer_roamed,
                            Event::Kind::handshake_failed, Event::Kind::configuration_changed}) {
        kinds.push_back(name(kind));
        Json bare = to_json(example_event(kind, false));
        const Json full = to_json(example_event(kind, true));
        for (const auto& [key, value] : full.items()) {
            if (!bare.contains(key)) bare[key] = value;
        }
        const Json properties = schema_of(full, bare)["properties"];
        for (const auto& [key, value] : properties.items()) {
            Json& known = schema["properties"][key];
            if (known.is_null() || !known["type"].is_array()) known = value;
        }
    }
    schema["properties"]["event"]["enum"] = std::move(kinds);
    schema["required"] = Json::array({"sequence", "time", "event", "tunnel"});
    return schema;
}

/// What may be said of a peer; the rules are those of the configuration file.
Json peer_settings() {
    const auto text = [](const char* what) {
        return Json{{"type", Json::array({"string", "null"})}, {"description", what}};
    };
    return {{"type", "object"},
            {"additionalProperties", false},
            {"properties",
             {{"name", text("Unique in the tunnel")},
              {"public_key", text("Base64; needed if the path names the peer by its name")},
              {"preshared_key", text("Base64; left out: as it was; null: none")},
              {"endpoint", text("ADDRESS:PORT or [V6]:PORT")},
              {"allowed_ips", {{"type", "array"}, {"items", {{"type", "string"}}}}},
              {"persistent_keepalive_seconds", {{"type", "integer"}, {"minimum", 0}, {"maximum", 65535}}}}}};
}

}  // namespace

Json schemas() {
    Json status = to_json(full_status());
    Json bare_status = to_json(StatusView{});
    status["version"] = bare_status["version"] = "";
    const Json reload{{"applied", true},
                      {"problems", Json::array({{{"file", ""}, {"line", 1}, {"column", 1}, {"detail", ""}}})},
                      {"refusal", ""},
                      {"plan", to_json(full_plan())}};
    Json bare_reload = reload;
    bare_reload["refusal"] = bare_reload["plan"] = nullptr;
    const Json commit{{"pending", true}, {"remaining_seconds", 0.5}};
    const Json bare_commit{{"pending", false}, {"remaining_seconds", nullptr}};
    const Json saved{
        {"lines_added", 0}, {"lines_removed", 0}, {"holds_secrets", true}, {"made_private", true}};
    const Json problem{{"type", ""}, {"title", ""}, {"status", 0}, {"detail", ""}};
    Json problem_schema = schema_of(problem, problem);
    problem_schema["properties"]["field"] = {
        {"type", "string"}, {"description", "Which field of the body or the query is wrong, if one is"}};
    return {{"Status", schema_of(status, bare_status)},
            {"Port", schema_of(PortView{})},
            {"Lcore", schema_of(to_json(full_lcore()), to_json(full_lcore()))},
            {"Ring", schema_of(full_ring())},
            {"Tunnel", schema_of(full_tunnel())},
            {"Peer", peer_schema()},
            {"Drops", schema_of(to_json(full_drops()), to_json(full_drops()))},
            {"PeerSettings", peer_settings()},
            {"Messages", schema_of(full_messages(), bare_messages())},
            {"MessageQueued", schema_of(sent_json(1, 1), sent_json(1, 1))},
            {"MessageToSend", message_to_send_schema()},
            {"Event", event_schema()},
            {"Gap", schema_of(gap_json(1), gap_json(std::nullopt))},
            {"Reload", schema_of(reload, bare_reload)},
            {"Commit", schema_of(commit, bare_commit)},
            {"Saved", schema_of(saved, saved)},
            {"CommitSettings",
             {{"type", "object"},
              {"additionalProperties", false},
              {"properties",
               {{"confirmed_seconds", {{"type", "integer"}, {"minimum", 1}, {"maximum", 86400}}}}}}},
            {"Problem", std::move(problem_schema)}};
}

}  // namespace ringway::control::rest
