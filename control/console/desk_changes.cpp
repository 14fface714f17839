// Peers that come and go. Each command ends where REST, wg(8) and the configuration file end: in Changes.

#include <utility>

#include "control/console/desk.h"
#include "control/console/peer_fields.h"
#include "control/convert.h"

namespace ringway::control::console {

void Desk::add_changes() {
    using Kind = Parameter::Kind;
    const Parameter tunnel{"tunnel", Kind::tunnel, "the tunnel's name"};
    commands_.push_back({"peer add",
                         "adds a peer; 'save' keeps it",
                         {tunnel, {"key", Kind::text, "its public key"}},
                         peer_fields(),
                         [this](const Arguments& arguments) { return add_peer(arguments); }});
    commands_.push_back({"peer remove",
                         "removes a peer and its session; 'save' keeps it so",
                         {tunnel, {"peer", Kind::peer, "its name or public key"}},
                         {},
                         [this](const Arguments& arguments) { return remove_peer(arguments); }});
    commands_.push_back({"peer reset",
                         "takes old timestamps of a peer again: its clock went back",
                         {tunnel, {"peer", Kind::peer, "its name or public key"}},
                         {},
                         [this](const Arguments& arguments) { return reset_peer(arguments); }});
}

Answer Desk::add_peer(const Arguments& arguments) {
    const config::Peer peer = read_peer(arguments.text("key"), arguments);
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
    const std::string refused = with_peer(arguments, [this](RunningTunnel& tunnel, PeerIndex peer) {
        from_.changes.remove(tunnel, peer, ChangedBy::console);
    });
    return refused.empty() ? Answer{.text = "removed\n"} : refuse(refused);
}

Answer Desk::reset_peer(const Arguments& arguments) {
    const std::string refused = with_peer(
        arguments, [this](RunningTunnel&, PeerIndex peer) { from_.core.engine().forget_timestamp(peer); });
    return refused.empty() ? Answer{.text = "reset\n"} : refuse(refused);
}

std::string Desk::with_peer(const Arguments& arguments,
                            const std::function<void(RunningTunnel&, PeerIndex)>& work) {
    return from_.calls.call([&]() -> std::string {
        RunningTunnel* tunnel = from_.tunnels.find(arguments.text("tunnel"));
        if (tunnel == nullptr) return "there is no tunnel of that name";
        const auto found = find_peers(tunnel->name, arguments.text("peer"));
        if (found.empty()) return kNoSuchPeer;
        work(*tunnel, found.front());
        return "";
    });
}

}  // namespace ringway::control::console
