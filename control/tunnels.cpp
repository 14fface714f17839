#include "control/tunnels.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <set>

#include "config/base64.h"
#include "control/convert.h"

namespace ringway::control {

using dataplane::IpPrefix;

namespace {

TunnelSpec spec_of(const config::Tunnel& tunnel, const RunningTunnel& running, dataplane::HostIndex host) {
    TunnelSpec spec;
    spec.private_key = to_secret<crypto::PrivateKey>(tunnel.private_key);
    spec.listen_port = running.listen_port;
    spec.mtu = tunnel.mtu;
    spec.through_host = tunnel.forward == config::Forward::host;
    spec.peer_to_peer = tunnel.peer_to_peer;
    spec.dont_fragment = tunnel.df == config::DontFragment::set;
    spec.inner_domain = running.inner_domain;
    spec.outer_domain = running.outer_domain;
    spec.host = host;
    return spec;
}

/// The configuration's peer as a change that leaves nothing of what was there.
WgPeerChange change_of(const config::Peer& peer) {
    WgPeerChange change;
    change.public_key = to_key(peer.public_key);
    change.replace_allowed_ips = true;
    change.preshared_key =
        peer.preshared_key ? to_secret<crypto::PresharedKey>(*peer.preshared_key) : crypto::PresharedKey{};
    if (peer.endpoint) change.endpoint = WgEndpoint{to_address(peer.endpoint->address), peer.endpoint->port};
    change.persistent_keepalive_seconds = peer.persistent_keepalive;
    for (const config::Prefix& prefix : peer.allowed_ips)
        change.allowed_ips.push_back({to_prefix(prefix), false});
    return change;
}

}  // namespace

RunningTunnel* Tunnels::find(std::string_view name) const {
    const auto found =
        std::find_if(tunnels_.begin(), tunnels_.end(), [&](const auto& t) { return t->name == name; });
    return found == tunnels_.end() ? nullptr : found->get();
}

std::optional<PeerIndex> Tunnels::find_named(const RunningTunnel& tunnel, std::string_view name) const {
    const auto found = std::find_if(tunnel.configured.begin(), tunnel.configured.end(),
                                    [&](const auto& entry) { return entry.second.name == name; });
    if (name.empty() || found == tunnel.configured.end()) return std::nullopt;
    return found->first;
}

std::string Tunnels::given_name_of(PeerIndex peer) const {
    const PeerRecord* record = core_.peer(peer);
    if (record == nullptr) return "";
    const auto& configured = tunnels_[record->tunnel]->configured;
    const auto found = configured.find(peer);
    return found == configured.end() ? "" : found->second.name;
}

std::string Tunnels::name_of(PeerIndex peer) const {
    if (std::string name = given_name_of(peer); !name.empty()) return name;
    const PeerRecord* record = core_.peer(peer);
    return record == nullptr ? "?" : config::base64_encode(record->public_key.bytes);
}

std::vector<host::ListenSocket> Tunnels::open_sockets(const RunningTunnel& tunnel,
                                                      std::uint16_t& port) const {
    std::vector<host::ListenSocket> sockets;
    const host::NetnsHandle& outer = namespaces_.of(tunnel.outer_domain).handle;
    for (const auto family : {dataplane::Family::v4, dataplane::Family::v6}) {
        auto socket = host::ListenSocket::open(outer, family, port);
        if (!socket && socket.error().code == EAFNOSUPPORT) continue;
        sockets.push_back(value_or_throw(std::move(socket)));
        port = sockets.back().port();
    }
    return sockets;
}

void Tunnels::start(const config::Tunnel& tunnel, dataplane::HostIndex host) {
    Namespace& inner = namespaces_.get(tunnel.host.netns);
    Namespace& outer = namespaces_.get(tunnel.outer_netns);
    host::TunOptions options{
        .kind = host::TunOptions::Kind::tun, .name = tunnel.host.interface, .mtu = tunnel.mtu};
    for (const config::Prefix& address : tunnel.host.addresses) {
        options.addresses.push_back({to_address(address.address), address.length});
    }
    auto running = std::make_unique<RunningTunnel>(
        RunningTunnel{.name = tunnel.name,
                      .index = static_cast<TunnelIndex>(tunnels_.size()),
                      .device = value_or_throw(host::TunDevice::create(inner.handle, options)),
                      .inner_domain = inner.domain,
                      .outer_domain = outer.domain,
                      .listen_port = tunnel.listen_port,
                      .fwmark = tunnel.fwmark,
                      .mtu = tunnel.mtu,
                      .host = tunnel.host,
                      .outer_netns = tunnel.outer_netns,
                      .route_allowed_ips = tunnel.route_allowed_ips,
                      .sockets = {},
                      .configured = {}});
    running->sockets = open_sockets(*running, running->listen_port);
    inner.routes->add_tunnel(running->device.index(), running->index);
    core_.add_tunnel(running->index, spec_of(tunnel, *running, host));
    tunnels_.push_back(std::move(running));
    watcher_.watch(*tunnels_.back());
    reload_peers(*tunnels_.back(), tunnel);
}

std::vector<std::string> Tunnels::reload(const config::Tunnel& tunnel) {
    RunningTunnel& running = *find(tunnel.name);
    std::vector<std::string> refused;
    const auto needs_restart = [&](std::string_view key) {
        refused.push_back(fmt::format("tunnel {}: {} changes at a restart only", tunnel.name, key));
    };
    if (tunnel.mtu != running.mtu) needs_restart("mtu");
    if (tunnel.host != running.host) needs_restart("host");
    if (tunnel.outer_netns != running.outer_netns) needs_restart("outer");
    if (tunnel.route_allowed_ips != running.route_allowed_ips) needs_restart("route_allowed_ips");
    if (change_listen_port(running, tunnel.listen_port) != 0) {
        refused.push_back(fmt::format("tunnel {}: listen_port {} is taken", tunnel.name, tunnel.listen_port));
    }
    running.fwmark = tunnel.fwmark;
    core_.set_forwarding(running.index, tunnel.forward == config::Forward::host, tunnel.peer_to_peer,
                         tunnel.df == config::DontFragment::set);
    set_private_key(running, to_secret<crypto::PrivateKey>(tunnel.private_key));
    reload_peers(running, tunnel);
    return refused;
}

void Tunnels::set_private_key(const RunningTunnel& tunnel, crypto::PrivateKey key) {
    const crypto::LocalIdentity* identity = core_.engine().identity(tunnel.index);
    const bool same = identity != nullptr && identity->private_key.equals(key);
    if (!same) core_.set_private_key(tunnel.index, std::move(key));
}

void Tunnels::reload_peers(RunningTunnel& running, const config::Tunnel& tunnel) {
    std::set<crypto::PublicKey> wanted;
    for (const config::Peer& peer : tunnel.peers)
        wanted.insert(to_key(peer.public_key));
    for (const PeerIndex peer : core_.peers_of(running.index)) {
        if (!wanted.contains(core_.peer(peer)->public_key)) remove(running, peer);
    }
    for (const config::Peer& peer : tunnel.peers)
        reload_peer(running, peer);
}

void Tunnels::reload_peer(RunningTunnel& tunnel, const config::Peer& peer) {
    WgPeerChange change = change_of(peer);
    const auto known = core_.find_peer(tunnel.index, change.public_key);
    // A peer that has roamed stays where it is, unless the file now says something else.
    if (known && tunnel.configured[*known].endpoint == peer.endpoint) change.endpoint.reset();
    apply(tunnel, std::move(change));
    const auto index = core_.find_peer(tunnel.index, to_key(peer.public_key));
    if (index) tunnel.configured[*index] = {peer.name, peer.endpoint};
}

std::optional<PeerRefusal> Tunnels::check(const RunningTunnel& tunnel, const config::Peer& peer,
                                          TakeAllowedIps take) const {
    const crypto::PublicKey key = to_key(peer.public_key);
    const crypto::LocalIdentity* identity = core_.engine().identity(tunnel.index);
    if (identity != nullptr && identity->public_key == key)
        return PeerRefusal{"public_key", "the tunnel's own public key, expected the peer's"};
    const auto known = core_.find_peer(tunnel.index, key);
    if (!known && core_.free_peers() == 0) return PeerRefusal{"", "there are system.max_peers already"};
    if (const auto named = find_named(tunnel, peer.name); named && named != known)
        return PeerRefusal{"name", "another peer of the tunnel has that name"};
    if (take == TakeAllowedIps::yes) return std::nullopt;
    for (const config::Prefix& allowed : peer.allowed_ips) {
        const IpPrefix prefix = to_prefix(allowed);
        const std::uint32_t owner = core_.dataplane().tunnels[tunnel.index]->allowed_ips.find(prefix);
        if (owner == dataplane::kNoValue || owner == known) continue;
        return PeerRefusal{"allowed_ips",
                           fmt::format("{} is allowed to peer {}, and moves only if 'move' is said",
                                       prefix.to_string(), name_of(owner))};
    }
    return std::nullopt;
}

tl::expected<PeerIndex, PeerRefusal> Tunnels::put(RunningTunnel& tunnel, const config::Peer& peer,
                                                  TakeAllowedIps take) {
    if (auto refusal = check(tunnel, peer, take)) return tl::make_unexpected(std::move(*refusal));
    reload_peer(tunnel, peer);
    return *core_.find_peer(tunnel.index, to_key(peer.public_key));
}

tl::expected<WgDevice, Errno> Tunnels::get(std::string_view name) {
    const RunningTunnel* tunnel = find(name);
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

Errno Tunnels::check(const RunningTunnel& tunnel, const WgSetRequest& request) const {
    std::size_t added = 0;
    for (const WgPeerChange& change : request.peers) {
        const bool known = core_.find_peer(tunnel.index, change.public_key).has_value();
        if (!known && !change.remove && !change.update_only) ++added;
    }
    return added > core_.free_peers() ? ENOSPC : 0;
}

Errno Tunnels::change_listen_port(RunningTunnel& tunnel, std::uint16_t port) {
    if (port == tunnel.listen_port) return 0;
    const bool taken = std::any_of(tunnels_.begin(), tunnels_.end(), [&](const auto& other) {
        return other->outer_domain == tunnel.outer_domain && other->listen_port == port && port != 0;
    });
    if (taken) return EADDRINUSE;
    try {
        std::vector<host::ListenSocket> sockets = open_sockets(tunnel, port);
        core_.set_listen_port(tunnel.index, port);
        watcher_.unwatch(tunnel);
        tunnel.sockets = std::move(sockets);
        tunnel.listen_port = port;
        watcher_.watch(tunnel);
    } catch (const std::runtime_error&) {
        return EADDRINUSE;
    }
    return 0;
}

Errno Tunnels::set(std::string_view name, WgSetRequest request) {
    RunningTunnel* tunnel = find(name);
    if (tunnel == nullptr) return ENODEV;
    if (const Errno error = check(*tunnel, request); error != 0) return error;
    if (request.listen_port) {
        if (const Errno error = change_listen_port(*tunnel, *request.listen_port); error != 0) return error;
    }
    // From here on nothing can fail.
    if (request.fwmark) tunnel->fwmark = *request.fwmark;
    if (request.private_key) set_private_key(*tunnel, std::move(*request.private_key));
    if (request.replace_peers) {
        std::set<crypto::PublicKey> named;
        for (const WgPeerChange& change : request.peers)
            named.insert(change.public_key);
        for (const PeerIndex peer : core_.peers_of(tunnel->index)) {
            if (!named.contains(core_.peer(peer)->public_key)) remove(*tunnel, peer);
        }
    }
    for (WgPeerChange& change : request.peers) {
        // A peer that is named again keeps its session, but nothing else of what it had.
        if (request.replace_peers) {
            change.replace_allowed_ips = true;
            if (!change.preshared_key) change.preshared_key.emplace();
            if (!change.persistent_keepalive_seconds) change.persistent_keepalive_seconds = 0;
        }
        apply(*tunnel, std::move(change));
    }
    return 0;
}

void Tunnels::apply(RunningTunnel& tunnel, WgPeerChange change) {
    const crypto::LocalIdentity* identity = core_.engine().identity(tunnel.index);
    if (identity != nullptr && identity->public_key == change.public_key) return;
    std::optional<PeerIndex> peer = core_.find_peer(tunnel.index, change.public_key);
    if (change.remove) {
        if (peer) remove(tunnel, *peer);
        return;
    }
    if (!peer) {
        if (change.update_only) return;
        PeerSpec spec;
        spec.public_key = change.public_key;
        if (change.preshared_key) spec.preshared_key = std::move(*change.preshared_key);
        if (change.endpoint) {
            spec.endpoint =
                dataplane::Endpoint{.remote = change.endpoint->address, .remote_port = change.endpoint->port};
        }
        spec.persistent_keepalive = change.persistent_keepalive_seconds.value_or(0);
        peer = core_.add_peer(tunnel.index, std::move(spec));
        if (!peer) return;
        logger_.info("peer added", {{"tunnel", tunnel.name}, {"peer", change.public_key}});
    } else {
        if (change.preshared_key && !core_.engine().preshared_key(*peer).equals(*change.preshared_key)) {
            core_.set_preshared_key(*peer, std::move(*change.preshared_key));
        }
        if (change.endpoint) {
            core_.set_endpoint(*peer,
                               {.remote = change.endpoint->address, .remote_port = change.endpoint->port});
        }
        const auto seconds = change.persistent_keepalive_seconds;
        if (seconds && *seconds != core_.peer(*peer)->persistent_keepalive) {
            core_.set_persistent_keepalive(*peer, *seconds);
        }
    }

    if (change.replace_allowed_ips) {
        std::set<IpPrefix> kept;
        for (const WgAllowedIpChange& ip : change.allowed_ips) {
            if (!ip.remove) kept.insert(ip.prefix);
        }
        const std::set<IpPrefix> had = core_.peer(*peer)->allowed_ips;
        for (const IpPrefix& prefix : had) {
            if (!kept.contains(prefix)) disallow(tunnel, *peer, prefix);
        }
    }
    for (const WgAllowedIpChange& ip : change.allowed_ips) {
        if (ip.remove) {
            disallow(tunnel, *peer, ip.prefix);
        } else {
            allow(tunnel, *peer, ip.prefix);
        }
    }
}

void Tunnels::remove(RunningTunnel& tunnel, PeerIndex peer) {
    const std::set<IpPrefix> had = core_.peer(peer)->allowed_ips;
    for (const IpPrefix& prefix : had)
        disallow(tunnel, peer, prefix);
    logger_.info("peer removed", {{"tunnel", tunnel.name}, {"peer", name_of(peer)}});
    tunnel.configured.erase(peer);
    core_.remove_peer(peer);
}

void Tunnels::allow(RunningTunnel& tunnel, PeerIndex peer, const IpPrefix& prefix) {
    if (const auto old = core_.add_allowed_ip(peer, prefix)) {
        logger_.warning(
            "allowed IP moved",
            {{"tunnel", tunnel.name}, {"prefix", prefix}, {"from", name_of(*old)}, {"to", name_of(peer)}});
    }
    // A default route is the operator's: put here it would swallow the way to the peers themselves.
    if (!tunnel.route_allowed_ips || prefix.length == 0) return;
    const auto put =
        namespaces_.of(tunnel.inner_domain)
            .control.replace_route(
                {.to = prefix, .via = {}, .interface = tunnel.device.index(), .preferred_source = {}});
    if (!put)
        logger_.warning("no route for an allowed IP",
                        {{"tunnel", tunnel.name}, {"error", put.error().message()}});
}

void Tunnels::disallow(RunningTunnel& tunnel, PeerIndex peer, const IpPrefix& prefix) {
    if (!core_.remove_allowed_ip(peer, prefix)) return;
    if (!tunnel.route_allowed_ips || prefix.length == 0) return;
    (void)namespaces_.of(tunnel.inner_domain)
        .control.remove_route(
            {.to = prefix, .via = {}, .interface = tunnel.device.index(), .preferred_source = {}});
}

}  // namespace ringway::control
