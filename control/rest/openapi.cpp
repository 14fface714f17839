#include "control/rest/openapi.h"

#include <cctype>

#include "control/rest/api.h"
#include "control/rest/messages.h"
#include "control/version.h"

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
    return view;
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
    return {{"Status", schema_of(status, bare_status)},
            {"Port", schema_of(PortView{})},
            {"Lcore", schema_of(to_json(full_lcore()), to_json(full_lcore()))},
            {"Ring", schema_of(full_ring())},
            {"Tunnel", schema_of(full_tunnel())},
            {"Peer", schema_of(full_peer())},
            {"Drops", schema_of(to_json(full_drops()), to_json(full_drops()))},
            {"PeerSettings", peer_settings()},
            {"Messages", schema_of(full_messages(), bare_messages())},
            {"MessageQueued", schema_of(sent_json(1, 1), sent_json(1, 1))},
            {"MessageToSend", message_to_send_schema()},
            {"Reload", schema_of(reload, bare_reload)},
            {"Commit", schema_of(commit, bare_commit)},
            {"Saved", schema_of(saved, saved)},
            {"CommitSettings",
             {{"type", "object"},
              {"additionalProperties", false},
              {"properties",
               {{"confirmed_seconds", {{"type", "integer"}, {"minimum", 1}, {"maximum", 86400}}}}}}},
            {"Problem", schema_of(problem, problem)}};
}

Json reference(const std::string& name) {
    return {{"$ref", "#/components/schemas/" + name}};
}

Json content_of(const std::string& result) {
    if (result.empty()) return {{"text/plain", {{"schema", {{"type", "string"}}}}}};
    if (result == "object") return {{"application/json", {{"schema", {{"type", "object"}}}}}};
    if (!result.ends_with("[]")) return {{"application/json", {{"schema", reference(result)}}}};
    const Json list{
        {"type", "object"},
        {"properties",
         {{"items", {{"type", "array"}, {"items", reference(result.substr(0, result.size() - 2))}}},
          {"next_cursor", {{"type", Json::array({"string", "null"})}}}}},
        {"required", Json::array({"items", "next_cursor"})}};
    return {{"application/json", {{"schema", list}}}};
}

Json parameter(const std::string& name, const char* in) {
    return {{"name", name},
            {"in", in},
            {"required", std::string(in) == "path"},
            {"schema", {{"type", "string"}}}};
}

Json describe(const Operation& operation) {
    Json parameters = Json::array();
    for (std::size_t at = operation.path.find('{'); at != std::string::npos;
         at = operation.path.find('{', at + 1)) {
        parameters.push_back(
            parameter(operation.path.substr(at + 1, operation.path.find('}', at) - at - 1), "path"));
    }
    for (const std::string& query : operation.queries)
        parameters.push_back(parameter(query, "query"));
    const Json problem{{"description", "A problem document (RFC 9457)"},
                       {"content", {{"application/problem+json", {{"schema", reference("Problem")}}}}}};
    Json description{{"summary", operation.summary}, {"parameters", std::move(parameters)}};
    if (!operation.body.empty()) {
        description["requestBody"] = {
            {"required", true}, {"content", {{"application/json", {{"schema", reference(operation.body)}}}}}};
    }
    description["responses"] = {
        {std::to_string(operation.status),
         {{"description", operation.summary}, {"content", content_of(operation.result)}}},
        {"default", problem}};
    return description;
}

std::string lower(std::string text) {
    for (char& c : text)
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
}

}  // namespace

Json openapi(const std::vector<Operation>& operations) {
    Json paths = Json::object();
    for (const Operation& operation : operations)
        paths[operation.path][lower(operation.method)] = describe(operation);
    return {{"openapi", "3.1.0"},
            {"info", {{"title", "Ringway"}, {"version", kVersion}}},
            {"paths", std::move(paths)},
            {"components",
             {{"schemas", schemas()},
              {"securitySchemes", {{"token", {{"type", "http"}, {"scheme", "bearer"}}}}}}}};
}

}  // namespace ringway::control::rest
