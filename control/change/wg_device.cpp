// What wg(8) reads and asks, as the gateway's own settings and plans.

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <set>

#include "control/change/changes.h"
#include "control/convert.h"

namespace ringway::control {
namespace {

void change_allowed_ips(const WgPeerChange& change, config::Peer& wanted) {
    std::set<config::Prefix> allowed;
    if (!change.replace_allowed_ips) allowed.insert(wanted.allowed_ips.begin(), wanted.allowed_ips.end());
    for (const WgAllowedIpChange& ip : change.allowed_ips) {
        if (ip.remove) {
            allowed.erase(from_prefix(ip.prefix));
        } else {
            allowed.insert(from_prefix(ip.prefix));
        }
    }
    wanted.allowed_ips.assign(allowed.begin(), allowed.end());
}

/// What the request leaves of a peer's settings, or makes of none.
config::Peer wanted_of(const WgPeerChange& change, config::Peer peer) {
    if (change.preshared_key) peer.preshared_key = config::SecretKey(change.preshared_key->span());
    if (change.endpoint)
        peer.endpoint =
            config::Endpoint{.address = from_address(change.endpoint->address, change.endpoint->port)};
    if (change.persistent_keepalive_seconds) peer.persistent_keepalive = *change.persistent_keepalive_seconds;
    change_allowed_ips(change, peer);
    return peer;
}

/// A prefix that several peers of a request are given is the last one's, whatever they had before.
void settle_allowed_ips(const std::vector<WgPeerChange>& asked, std::vector<PeerChange>& peers) {
    std::map<config::Prefix, config::PublicKey> owners;
    for (const WgPeerChange& peer : asked) {
        for (const WgAllowedIpChange& ip : peer.allowed_ips) {
            if (!ip.remove) owners[from_prefix(ip.prefix)] = from_key(peer.public_key);
        }
    }
    for (PeerChange& peer : peers) {
        if (!peer.wanted) continue;
        std::erase_if(peer.wanted->allowed_ips, [&](const config::Prefix& prefix) {
            const auto owner = owners.find(prefix);
            return owner != owners.end() && owner->second != peer.wanted->public_key;
        });
    }
}

/// A peer that is named again under `replace_peers` keeps its session, its name and where it is, but
/// nothing else of what it had.
void replace(WgPeerChange& change) {
    change.replace_allowed_ips = true;
    if (!change.preshared_key) change.preshared_key.emplace();
    if (!change.persistent_keepalive_seconds) change.persistent_keepalive_seconds = 0;
}

config::PublicKey own_key(const config::SecretKey& private_key) {
    return private_key.is_zero() ? config::PublicKey{} : config::public_key_of(private_key);
}

}  // namespace

tl::expected<WgDevice, Errno> Changes::get(std::string_view name) {
    const RunningTunnel* tunnel = tunnels_.find(name);
    if (tunnel == nullptr) return tl::unexpected(ENODEV);
    const protocol::Engine& engine = core_.engine();
    WgDevice device;
    if (const crypto::LocalIdentity* identity = engine.identity(tunnel->index)) {
        device.private_key = identity->private_key.copy();
    }
    device.listen_port = tunnel->listen_port;
    device.fwmark = tunnel->fwmark;
    for (const PeerIndex index : core_.peers_of(tunnel->index)) {
        const PeerRecord& record = *core_.peer(index);
        const dataplane::Peer& path = core_.dataplane().peers[index];
        WgPeer peer;
        peer.public_key = record.public_key;
        peer.preshared_key = engine.preshared_key(index).copy();
        if (const dataplane::Endpoint endpoint = path.endpoint.read(); endpoint.is_set()) {
            peer.endpoint = WgEndpoint{endpoint.remote, endpoint.remote_port};
        }
        peer.last_handshake_unix_nanoseconds = engine.status(index)->last_handshake_unix_ns;
        peer.rx_bytes = path.rx_bytes.get();
        peer.tx_bytes = path.tx_bytes.get();
        peer.persistent_keepalive_seconds = record.persistent_keepalive;
        peer.allowed_ips.assign(record.allowed_ips.begin(), record.allowed_ips.end());
        device.peers.push_back(std::move(peer));
    }
    return device;
}

tl::expected<Plan, Errno> Changes::plan(const RunningTunnel& tunnel, WgSetRequest request) const {
    TunnelChange change{.tunnel = tunnel.index, .name = tunnel.name};
    const config::SecretKey before = tunnels_.private_key_of(tunnel);
    config::SecretKey private_key = before.copy();
    if (request.private_key) private_key = config::SecretKey(request.private_key->span());
    const config::PublicKey own = own_key(private_key);
    if (!private_key.equals(before)) {
        change.private_key = std::move(private_key);
        change.fields.push_back({"private_key", "changed"});
    }
    if (request.listen_port && *request.listen_port != tunnel.listen_port) {
        auto opened = new_listen_port(tunnel, *request.listen_port);
        if (!opened) return tl::make_unexpected(EADDRINUSE);
        change.fields.push_back({"listen_port", fmt::format("{} -> {}", tunnel.listen_port, opened->port)});
        change.listen_port = std::move(*opened);
    }
    if (request.fwmark && *request.fwmark != tunnel.fwmark) {
        change.fwmark = request.fwmark;
        change.fields.push_back({"fwmark", fmt::format("{:#x} -> {:#x}", tunnel.fwmark, *request.fwmark)});
    }

    if (request.replace_peers) {
        std::set<crypto::PublicKey> named;
        for (const WgPeerChange& peer : request.peers)
            named.insert(peer.public_key);
        for (const PeerIndex peer : core_.peers_of(tunnel.index)) {
            if (named.contains(core_.peer(peer)->public_key)) continue;
            change.peers.push_back({.kind = PeerChange::Kind::remove, .before = tunnels_.settings_of(peer)});
        }
    }
    for (WgPeerChange& asked : request.peers) {
        if (from_key(asked.public_key) == own) continue;
        const auto known = core_.find_peer(tunnel.index, asked.public_key);
        if (asked.remove) {
            if (known)
                change.peers.push_back(
                    {.kind = PeerChange::Kind::remove, .before = tunnels_.settings_of(*known)});
            continue;
        }
        if (request.replace_peers) replace(asked);
        if (known) {
            PeerChange of_peer{.before = tunnels_.settings_of(*known),
                               .wanted = wanted_of(asked, tunnels_.settings_of(*known))};
            of_peer.set_endpoint = asked.endpoint.has_value();
            if (!of_peer.fields().empty()) change.peers.push_back(std::move(of_peer));
        } else if (!asked.update_only) {
            config::Peer fresh;
            fresh.public_key = from_key(asked.public_key);
            change.peers.push_back(
                {.kind = PeerChange::Kind::add, .wanted = wanted_of(asked, std::move(fresh))});
        }
    }
    settle_allowed_ips(request.peers, change.peers);
    Plan plan;
    if (!change.empty()) plan.tunnels.push_back(std::move(change));
    if (refuse_for_room(plan)) return tl::make_unexpected(ENOSPC);
    return plan;
}

Errno Changes::set(std::string_view name, WgSetRequest request) {
    const RunningTunnel* tunnel = tunnels_.find(name);
    if (tunnel == nullptr) return ENODEV;
    auto plan = this->plan(*tunnel, std::move(request));
    if (!plan) return plan.error();
    carry_out(std::move(*plan), ChangedBy::wg_socket);
    return 0;
}

}  // namespace ringway::control
