// The peers of a tunnel over REST.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <functional>

#include "control/convert.h"
#include "control/rest/api.h"
#include "control/rest/body.h"
#include "control/rest/peer_settings.h"
#include "control/rest/problem.h"

namespace ringway::control::rest {
namespace {

constexpr std::size_t kDefaultLimit = 100;
constexpr std::size_t kMaxLimit = 1000;

std::size_t limit_of(const Request& request) {
    const auto given = request.query.find("limit");
    if (given == request.query.end()) return kDefaultLimit;
    std::size_t limit = 0;
    const std::string& text = given->second;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), limit);
    if (error != std::errc() || end != text.data() + text.size() || limit == 0 || limit > kMaxLimit)
        throw Problem(400, "expected a number from 1 to 1000", "limit");
    return limit;
}

/// The key of the last peer of the page before. Keys have an order of their own, so a page neither
/// repeats nor skips a peer that stays, whoever comes and goes.
std::optional<crypto::PublicKey> cursor_of(const Request& request) {
    const auto given = request.query.find("cursor");
    if (given == request.query.end()) return std::nullopt;
    const auto key = key_from_path(given->second);
    if (!key) throw Problem(400, "expected the next_cursor of another page", "cursor");
    return key;
}

/// What of a peer is configured, by the names of the configuration but for units.
Json settings_of(const PeerView& view) {
    const Json all = to_json(view);
    Json settings = Json::object();
    for (const char* key : {"name", "public_key", "allowed_ips", "persistent_keepalive_seconds"}) {
        if (!all[key].is_null()) settings[key] = all[key];
    }
    // Not where it has roamed to.
    if (!view.configured_endpoint.empty()) settings["endpoint"] = view.configured_endpoint;
    return settings;
}

/// Changes with the settings, and not with the counters.
std::string etag_of(const PeerView& view) {
    Json settings = settings_of(view);
    settings["has_preshared_key"] = view.has_preshared_key;
    return fmt::format("\"{:016x}\"", std::hash<std::string>{}(settings.dump()));
}

Response peer_response(const PeerView& view) {
    Response response = json_response(to_json(view));
    response.headers.emplace_back("ETag", etag_of(view));
    return response;
}

/// If-Match and If-None-Match: * (RFC 9110, section 13). `before`: null if there is no such peer.
void check_match(const Request& request, const PeerView* before) {
    const std::string wanted = request.header("if-match");
    if (!wanted.empty() && (before == nullptr || (wanted != "*" && wanted != etag_of(*before))))
        throw Problem(412, "the peer has changed since");
    if (request.header("if-none-match") == "*" && before != nullptr) throw Problem(412, "the peer exists");
}

}  // namespace

RunningTunnel& Api::tunnel_of(const Request& request) const {
    RunningTunnel* tunnel = from_.tunnels.find(request.parameters.at("t"));
    if (tunnel == nullptr) throw Problem(404, "there is no tunnel of that name");
    return *tunnel;
}

PeerIndex Api::peer_of(const Request& request) const {
    const RunningTunnel& tunnel = tunnel_of(request);
    const std::string& text = request.parameters.at("key");
    const auto key = key_from_path(text);
    const auto peer = key ? from_.core.find_peer(tunnel.index, *key) : from_.tunnels.find_named(tunnel, text);
    if (!peer)
        throw Problem(404, "the tunnel has no such peer: name it by its key in base64url, or its name");
    return *peer;
}

void Api::add_peers() {
    add({"GET",
         "/api/v1/tunnels/{t}/peers",
         "The tunnel's peers in the order of their keys",
         "Peer[]",
         {"cursor", "limit", "search", "state", "top"},
         [this](const Request& request) { return list_peers(request); }});
    add({"GET",
         "/api/v1/tunnels/{t}/peers/{key}",
         "One peer, by key or name",
         "Peer",
         {},
         [this](const Request& request) { return show_peer(request); }});
    add({"PUT",
         "/api/v1/tunnels/{t}/peers/{key}",
         "Adds a peer, or makes it what the body says",
         "Peer",
         {"move", "confirmed"},
         [this](const Request& request) { return put_peer(request); },
         "PeerSettings",
         200,
         {201, 409, 412}});
    add({"PATCH",
         "/api/v1/tunnels/{t}/peers/{key}",
         "Changes what the body names (RFC 7396)",
         "Peer",
         {"move", "confirmed"},
         [this](const Request& request) { return patch_peer(request); },
         "PeerSettings",
         200,
         {409, 412}});
    add({"DELETE",
         "/api/v1/tunnels/{t}/peers/{key}",
         "Removes a peer",
         "Peer",
         {"confirmed"},
         [this](const Request& request) { return delete_peer(request); },
         "",
         200,
         {412}});
    add({"POST",
         "/api/v1/tunnels/{t}/peers/{key}/reset",
         "Takes old timestamps of the peer again: its clock went back",
         "Peer",
         {},
         [this](const Request& request) { return reset_peer(request); }});
}

/// Whose settings the path means: that of the key, or of the peer that has the name. Nothing if there is
/// none of that name yet: then the body has the key.
std::optional<crypto::PublicKey> Api::named_by(const Request& request) const {
    const std::string& text = request.parameters.at("key");
    if (const auto key = key_from_path(text)) return key;
    const auto peer = from_.tunnels.find_named(tunnel_of(request), text);
    if (!peer) return std::nullopt;
    return from_.core.peer(*peer)->public_key;
}

void Api::each_peer(const Request& request, std::optional<crypto::PublicKey> after, std::size_t at_once,
                    const std::function<bool(PeerView)>& take) const {
    for (;;) {
        std::vector<PeerView> some = from_.calls.call([&] {
            std::vector<PeerView> views;
            for (const PeerIndex peer : from_.core.peers_after(tunnel_of(request).index, after, at_once))
                views.push_back(from_.viewer.peer(peer));
            return views;
        });
        if (some.empty()) return;
        const bool last = some.size() < at_once;
        after = some.back().public_key;
        for (PeerView& view : some) {
            if (!take(std::move(view))) return;
        }
        if (last) return;
    }
}

Response Api::top_peers(const Request& request, const PeerFilter& filter) const {
    BusiestPeers busiest(*filter.top);
    each_peer(request, std::nullopt, kMaxLimit, [&](PeerView view) {
        if (filter.fits(view)) busiest.add(std::move(view));
        return true;
    });
    Json list = items_json(busiest.take());
    list["next_cursor"] = nullptr;
    return json_response(list);
}

Response Api::list_peers(const Request& request) const {
    const PeerFilter filter = PeerFilter::of(request);
    if (filter.top) return top_peers(request, filter);
    const std::size_t limit = limit_of(request);
    // One more than asked for, to know whether there is another page.
    std::vector<PeerView> found;
    each_peer(request, cursor_of(request), filter.narrows() ? kMaxLimit : limit + 1, [&](PeerView view) {
        if (filter.fits(view)) found.push_back(std::move(view));
        return found.size() <= limit;
    });
    const bool more = found.size() > limit;
    if (more) found.pop_back();
    const Json next = more ? Json(key_in_path(found.back().public_key)) : Json(nullptr);
    Json list = items_json(found);
    list["next_cursor"] = next;
    return json_response(list);
}

Response Api::show_peer(const Request& request) const {
    return peer_response(from_.calls.call([&] { return from_.viewer.peer(peer_of(request)); }));
}

Response Api::put_peer(const Request& request) const {
    const SecretJson body(object_in(request.body));
    return from_.calls.call([&] { return apply(request, body.json, body.json.contains("endpoint")); });
}

Response Api::patch_peer(const Request& request) const {
    const SecretJson patch(object_in(request.body));
    return from_.calls.call([&] {
        SecretJson wanted(settings_of(from_.viewer.peer(peer_of(request))));
        wanted.json.merge_patch(patch.json);
        // Taken away by name, where leaving it out keeps it: see apply().
        const auto secret = patch.json.find("preshared_key");
        if (secret != patch.json.end() && secret->is_null()) wanted.json["preshared_key"] = nullptr;
        return apply(request, wanted.json, patch.json.contains("endpoint"));
    });
}

Response Api::delete_peer(const Request& request) const {
    return from_.calls.call([&] {
        const PeerIndex peer = peer_of(request);
        const PeerView view = from_.viewer.peer(peer);
        check_match(request, &view);
        open_window(request);
        from_.changes.remove(tunnel_of(request), peer, ChangedBy::rest);
        return json_response(to_json(view));
    });
}

Response Api::reset_peer(const Request& request) const {
    return from_.calls.call([&] {
        const PeerIndex peer = peer_of(request);
        from_.core.engine().forget_timestamp(peer);
        return json_response(to_json(from_.viewer.peer(peer)));
    });
}

Response Api::apply(const Request& request, const Json& settings, bool endpoint_said) const {
    SecretJson secret(settings);
    Json& wanted = secret.json;
    RunningTunnel& tunnel = tunnel_of(request);
    // A new peer that the path names is called so, unless the body says otherwise.
    if (!named_by(request) && !wanted.contains("name")) wanted["name"] = request.parameters.at("key");
    // What is secret is never told, so leaving it out must not take it away; null does.
    const bool keeps_secret = !wanted.contains("preshared_key");
    if (!keeps_secret && wanted["preshared_key"].is_null()) wanted.erase("preshared_key");
    config::Peer peer = read_peer(wanted, named_by(request));
    const crypto::PublicKey key = to_key(peer.public_key);
    const auto known = from_.core.find_peer(tunnel.index, key);
    const std::optional<PeerView> before = known ? std::optional(from_.viewer.peer(*known)) : std::nullopt;
    check_match(request, before ? &*before : nullptr);

    if (known && keeps_secret)
        peer.preshared_key = config::SecretKey(from_.core.engine().preshared_key(*known).span());
    const auto move = request.query.find("move");
    const bool may_move = move != request.query.end() && move->second == "true";
    const PutOptions options{.move_allowed_ips = may_move, .endpoint_said = endpoint_said};
    auto plan = from_.changes.plan_put(tunnel, std::move(peer), options);
    if (!plan) throw Problem(409, plan.error().why, plan.error().field);
    open_window(request);
    from_.changes.carry_out(std::move(*plan), ChangedBy::rest);
    Response response = peer_response(from_.viewer.peer(*from_.core.find_peer(tunnel.index, key)));
    if (!known) response.status = 201;
    return response;
}

}  // namespace ringway::control::rest
