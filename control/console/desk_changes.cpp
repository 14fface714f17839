// Commands that change something. Each ends where REST, wg(8) and the configuration file end: in Tunnels.

#include <fmt/format.h>

#include <stdexcept>

#include "config/load.h"
#include "control/console/desk.h"
#include "control/console/show.h"
#include "control/convert.h"

namespace ringway::control::console {
namespace {

std::vector<std::string> cut_at_commas(const std::string& text) {
    std::vector<std::string> parts;
    for (std::size_t at = 0; at <= text.size();) {
        const auto end = std::min(text.find(',', at), text.size());
        if (end > at) parts.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return parts;
}

/// By the rules of the configuration file. Throws std::runtime_error.
config::Peer read_peer(const Arguments& arguments) {
    Json wanted = {{"public_key", arguments.text("key")}};
    if (arguments.has("name")) wanted["name"] = arguments.text("name");
    if (arguments.has("endpoint")) wanted["endpoint"] = arguments.text("endpoint");
    if (arguments.has("keepalive")) wanted["persistent_keepalive"] = arguments.number("keepalive", 0);
    if (arguments.has("allowed-ips")) wanted["allowed_ips"] = cut_at_commas(arguments.text("allowed-ips"));
    auto peer = config::load_peer(wanted.dump(), nullptr);
    if (peer) return std::move(*peer);
    std::string why;
    for (const config::Problem& problem : peer.error())
        why += (why.empty() ? "" : "; ") + problem.text;
    throw std::runtime_error(why);
}

}  // namespace

void Desk::add_changes() {
    using Kind = Parameter::Kind;
    const Parameter tunnel{"tunnel", Kind::tunnel, "the tunnel's name"};
    commands_.push_back({"peer add",
                         "adds a peer; 'save' keeps it",
                         {tunnel, {"key", Kind::text, "its public key"}},
                         {{"name", Kind::text, "unique in the tunnel"},
                          {"allowed-ips", Kind::text, "prefixes, commas between them"},
                          {"endpoint", Kind::text, "ADDRESS:PORT or NAME:PORT"},
                          {"keepalive", Kind::number, "seconds"},
                          {"move", Kind::flag, "take allowed IPs away from other peers"}},
                         [this](const Arguments& arguments) { return add_peer(arguments); }});
    commands_.push_back({"peer remove",
                         "removes a peer and its session; 'save' keeps it so",
                         {tunnel, {"peer", Kind::peer, "its name or public key"}},
                         {},
                         [this](const Arguments& arguments) { return remove_peer(arguments); }});
}

Answer Desk::add_peer(const Arguments& arguments) {
    const config::Peer peer = read_peer(arguments);
    const std::string refused = from_.calls.call([&]() -> std::string {
        RunningTunnel* tunnel = from_.tunnels.find(arguments.text("tunnel"));
        if (tunnel == nullptr) return "there is no tunnel of that name";
        if (from_.core.find_peer(tunnel->index, to_key(peer.public_key))) return "the tunnel has that peer";
        const PutOptions options{.move_allowed_ips = arguments.has("move"), .endpoint_said = true};
        const auto put = from_.changes.put(*tunnel, peer.copy(), options, ChangedBy::console);
        return put ? "" : put.error().why;
    });
    return refused.empty() ? Answer{.text = "added\n"} : refuse(refused);
}

Answer Desk::remove_peer(const Arguments& arguments) {
    const std::string refused = from_.calls.call([&]() -> std::string {
        RunningTunnel* tunnel = from_.tunnels.find(arguments.text("tunnel"));
        if (tunnel == nullptr) return "there is no tunnel of that name";
        const auto found = find_peers(tunnel->name, arguments.text("peer"));
        if (found.empty()) return "the tunnel has no such peer";
        from_.changes.remove(*tunnel, found.front(), ChangedBy::console);
        return "";
    });
    return refused.empty() ? Answer{.text = "removed\n"} : refuse(refused);
}

}  // namespace ringway::control::console
