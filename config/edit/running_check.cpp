#include "config/edit/running_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "config/base64.h"
#include "config/edit/peers_edit.h"

namespace ringway::config {

namespace {

const Tunnel* find(const std::vector<Tunnel>& tunnels, const std::string& name) {
    const auto found = std::find_if(tunnels.begin(), tunnels.end(),
                                    [&](const Tunnel& tunnel) { return tunnel.name == name; });
    return found == tunnels.end() ? nullptr : &*found;
}

/// Without the lines that things stand in.
template <typename Located>
std::vector<Located> unplaced(std::vector<Located> things) {
    for (Located& thing : things)
        thing.line = 0;
    return things;
}

bool same_peers(const std::vector<Peer>& a, const std::vector<Peer>& b) {
    if (a.size() != b.size()) return false;
    std::map<PublicKey, const Peer*> by_key;
    for (const Peer& peer : a)
        by_key.emplace(peer.public_key, &peer);
    return by_key.size() == a.size() && std::all_of(b.begin(), b.end(), [&](const Peer& peer) {
               const auto found = by_key.find(peer.public_key);
               return found != by_key.end() && same_peer(*found->second, peer);
           });
}

/// What only a restart changes.
bool same_at_start(const Tunnel& a, const Tunnel& b) {
    return a.name == b.name && a.mtu == b.mtu && a.table == b.table && a.host == b.host &&
           a.outer_netns == b.outer_netns && a.route_allowed_ips == b.route_allowed_ips;
}

bool same_while_running(const Tunnel& a, const Tunnel& b) {
    return same_private_key(a.private_key, b.private_key) && a.listen_port == b.listen_port &&
           a.fwmark == b.fwmark && a.forward == b.forward && a.peer_to_peer == b.peer_to_peer &&
           a.df == b.df && same_peers(a.peers, b.peers);
}

bool same_but_tunnels(const Configuration& a, const Configuration& b) {
    System system = a.system;
    system.log.level = b.system.log.level;
    return system == b.system && a.lcores == b.lcores && unplaced(a.ports) == unplaced(b.ports) &&
           unplaced(a.routes) == unplaced(b.routes) && a.rest == b.rest && a.console == b.console &&
           a.wg_socket == b.wg_socket;
}

}  // namespace

std::optional<std::string> find_unwritable(const Running& running) {
    for (const Tunnel& tunnel : running.tunnels) {
        if (tunnel.private_key.is_zero())
            return fmt::format("tunnel {} has no private key, which a configuration demands", tunnel.name);
        for (const Peer& peer : tunnel.peers) {
            if (!is_low_order(peer.public_key)) continue;
            return fmt::format(
                "peer {} of tunnel {} has a key of low order, which a configuration refuses; remove it first",
                base64_encode(peer.public_key.bytes), tunnel.name);
        }
    }
    return std::nullopt;
}

bool means_what_runs(const Configuration& loaded, const Configuration& old, const Running& running) {
    if (loaded.system.log.level != running.log_level || !same_but_tunnels(loaded, old)) return false;
    if (loaded.tunnels.size() != old.tunnels.size()) return false;
    for (std::size_t i = 0; i < old.tunnels.size(); ++i) {
        const Tunnel* const runs = find(running.tunnels, old.tunnels[i].name);
        const Tunnel& wanted = runs == nullptr ? old.tunnels[i] : *runs;
        if (!same_at_start(loaded.tunnels[i], old.tunnels[i])) return false;
        if (!same_while_running(loaded.tunnels[i], wanted)) return false;
    }
    return std::all_of(running.tunnels.begin(), running.tunnels.end(),
                       [&](const Tunnel& tunnel) { return find(loaded.tunnels, tunnel.name) != nullptr; });
}

}  // namespace ringway::config
