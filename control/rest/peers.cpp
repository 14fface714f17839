// The peers of a tunnel over REST.

#include <algorithm>
#include <charconv>

#include "config/base64.h"
#include "control/convert.h"
#include "control/rest/api.h"
#include "control/rest/problem.h"

namespace ringway::control::rest {
namespace {

constexpr std::size_t kDefaultLimit = 100;
constexpr std::size_t kMaxLimit = 1000;

/// A key in base64url without padding, or nothing: then it is a name.
std::optional<crypto::PublicKey> key_from_path(const std::string& text) {
    const auto key = config::decode_public_key(text, config::Base64::url);
    if (!key) return std::nullopt;
    return to_key(*key);
}

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

}  // namespace

const RunningTunnel& Api::tunnel_of(const Request& request) const {
    const RunningTunnel* tunnel = from_.tunnels.find(request.parameters.at("t"));
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
         {"cursor", "limit"},
         [this](const Request& request) { return list_peers(request); }});
    add({"GET",
         "/api/v1/tunnels/{t}/peers/{key}",
         "One peer, by key or name",
         "Peer",
         {},
         [this](const Request& request) { return show_peer(request); }});
}

Response Api::list_peers(const Request& request) const {
    const std::size_t limit = limit_of(request);
    const auto cursor = cursor_of(request);
    const std::vector<PeerView> views = from_.calls.call([&] {
        std::vector<PeerView> page;
        for (const PeerIndex peer : from_.core.peers_after(tunnel_of(request).index, cursor, limit + 1))
            page.push_back(from_.viewer.peer(peer));
        return page;
    });
    Json items = Json::array();
    for (std::size_t i = 0; i < std::min(limit, views.size()); ++i)
        items.push_back(to_json(views[i]));
    // One more was asked for, to know whether there is another page.
    const bool more = views.size() > limit;
    return json_response(
        {{"items", std::move(items)},
         {"next_cursor", more ? Json(key_in_path(views[limit - 1].public_key)) : Json(nullptr)}});
}

Response Api::show_peer(const Request& request) const {
    return json_response(to_json(from_.calls.call([&] { return from_.viewer.peer(peer_of(request)); })));
}

}  // namespace ringway::control::rest
