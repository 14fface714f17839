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
    const Forwarding forwarding = Forwarding::of(tunnel);
    TunnelSpec spec;
    spec.private_key = to_secret<crypto::PrivateKey>(tunnel.private_key);
    spec.listen_port = running.listen_port;
    spec.mtu = tunnel.mtu;
    spec.through_host = forwarding.through_host;
    spec.peer_to_peer = forwarding.peer_to_peer;
    spec.dont_fragment = forwarding.dont_fragment;
    spec.inner_domain = running.inner_domain;
    spec.outer_domain = running.outer_domain;
    spec.host = host;
    return spec;
}

crypto::PresharedKey preshared_key_in(const config::Peer& peer) {
    return peer.preshared_key ? to_secret<crypto::PresharedKey>(*peer.preshared_key) : crypto::PresharedKey();
}

/// Where packets can be sent to at once.
std::optional<dataplane::Endpoint> address_in(const config::Peer& peer) {
    if (!peer.endpoint || peer.endpoint->is_named()) return std::nullopt;
    return to_endpoint(peer.endpoint->address);
}

PeerSpec spec_of(const config::Peer& peer) {
    PeerSpec spec;
    spec.public_key = to_key(peer.public_key);
    spec.preshared_key = preshared_key_in(peer);
    spec.endpoint = address_in(peer);
    spec.persistent_keepalive = peer.persistent_keepalive;
    return spec;
}

}  // namespace

RunningTunnel* Tunnels::find(std::string_view name) const {
    const auto found =
        std::find_if(tunnels_.begin(), tunnels_.end(), [&](const auto& t) { return t->name == name; });
    return found == tunnels_.end() ? nullptr : found->get();
}

std::optional<PeerIndex> Tunnels::find_named(const RunningTunnel& tunnel, std::string_view name) const {
    return tunnel.configured.find(name);
}

std::string Tunnels::given_name_of(PeerIndex peer) const {
    const PeerRecord* record = core_.peer(peer);
    return record == nullptr ? "" : tunnels_[record->tunnel]->configured.of(peer).name;
}

std::string Tunnels::name_of(PeerIndex peer) const {
    if (std::string name = given_name_of(peer); !name.empty()) return name;
    const PeerRecord* record = core_.peer(peer);
    return record == nullptr ? "?" : config::base64_encode(record->public_key.bytes);
}

std::optional<PeerIndex> Tunnels::owner_of(const RunningTunnel& tunnel, const IpPrefix& prefix) const {
    const std::uint32_t owner = core_.dataplane().tunnels[tunnel.index]->allowed_ips.find(prefix);
    if (owner == dataplane::kNoValue) return std::nullopt;
    return owner;
}

config::Peer Tunnels::settings_of(PeerIndex index) const {
    const PeerRecord& record = *core_.peer(index);
    const ConfiguredPeer& configured = tunnels_[record.tunnel]->configured.of(index);
    config::Peer peer;
    peer.name = configured.name;
    peer.public_key = from_key(record.public_key);
    if (const crypto::PresharedKey& key = core_.engine().preshared_key(index); !key.is_zero())
        peer.preshared_key = config::SecretKey(key.span());
    peer.endpoint = configured.endpoint;
    for (const IpPrefix& prefix : record.allowed_ips)
        peer.allowed_ips.push_back(from_prefix(prefix));
    peer.persistent_keepalive = record.persistent_keepalive;
    return peer;
}

config::Tunnel Tunnels::settings_of(const RunningTunnel& running) const {
    const Forwarding forwarding = forwarding_of(running);
    config::Tunnel tunnel;
    tunnel.name = running.name;
    tunnel.private_key = private_key_of(running);
    tunnel.listen_port = running.listen_port;
    tunnel.fwmark = running.fwmark;
    tunnel.forward = forwarding.through_host ? config::Forward::host : config::Forward::fast;
    tunnel.peer_to_peer = forwarding.peer_to_peer;
    tunnel.df = forwarding.dont_fragment ? config::DontFragment::set : config::DontFragment::clear;
    for (const PeerIndex peer : core_.peers_of(running.index))
        tunnel.peers.push_back(settings_of(peer));
    return tunnel;
}

Forwarding Tunnels::forwarding_of(const RunningTunnel& tunnel) const {
    const dataplane::Tunnel& path = *core_.dataplane().tunnels[tunnel.index];
    return {.through_host = path.through_host.load(std::memory_order_relaxed),
            .peer_to_peer = path.peer_to_peer.load(std::memory_order_relaxed),
            .dont_fragment = path.dont_fragment.load(std::memory_order_relaxed)};
}

config::SecretKey Tunnels::private_key_of(const RunningTunnel& tunnel) const {
    const crypto::LocalIdentity* identity = core_.engine().identity(tunnel.index);
    return identity == nullptr ? config::SecretKey() : config::SecretKey(identity->private_key.span());
}

NewListenPort Tunnels::open_listen_port(const RunningTunnel& tunnel, std::uint16_t port) const {
    NewListenPort opened{.port = port, .sockets = {}};
    const host::NetnsHandle& outer = namespaces_.of(tunnel.outer_domain).handle;
    for (const auto family : {dataplane::Family::v4, dataplane::Family::v6}) {
        auto socket = host::ListenSocket::open(outer, family, opened.port);
        if (!socket && socket.error().code == EAFNOSUPPORT) continue;
        opened.sockets.push_back(value_or_throw(std::move(socket)));
        opened.port = opened.sockets.back().port();
    }
    return opened;
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
    NewListenPort opened = open_listen_port(*running, running->listen_port);
    running->listen_port = opened.port;
    running->sockets = std::move(opened.sockets);
    inner.routes->add_tunnel(running->device.index(), running->index);
    core_.add_tunnel(running->index, spec_of(tunnel, *running, host));
    tunnels_.push_back(std::move(running));
    watcher_.watch(*tunnels_.back());
    (void)add_peers(*tunnels_.back(), tunnel.peers);
}

bool Tunnels::describe_peer(protocol::PeerId peer, Event& event) const {
    const PeerRecord* record = core_.peer(peer);
    if (record == nullptr) return false;
    describe_tunnel(record->tunnel, &record->public_key, event);
    event.key = record->public_key;
    event.has_key = true;
    event.endpoint = core_.dataplane().peers[peer].endpoint.read();
    return true;
}

void Tunnels::describe_tunnel(protocol::TunnelId tunnel, const crypto::PublicKey* key, Event& event) const {
    event.tunnel.assign(tunnels_[tunnel]->name);
    if (key == nullptr) return;
    const auto peer = core_.find_peer(static_cast<TunnelIndex>(tunnel), *key);
    if (peer) event.peer.assign(tunnels_[tunnel]->configured.of(*peer).name);
}

void Tunnels::apply(TunnelChange change, ChangedBy by) {
    RunningTunnel& tunnel = *tunnels_[change.tunnel];
    by_ = by;
    if (change.private_key)
        core_.set_private_key(tunnel.index, to_secret<crypto::PrivateKey>(*change.private_key));
    if (change.listen_port) set_listen_port(tunnel, std::move(*change.listen_port));
    if (change.fwmark) tunnel.fwmark = *change.fwmark;
    if (change.forwarding)
        core_.set_forwarding(tunnel.index, change.forwarding->through_host, change.forwarding->peer_to_peer,
                             change.forwarding->dont_fragment);
    if (!change.fields.empty())
        events_.configuration_changed(tunnel.index, {by, Change::tunnel_changed, change.fields});
    for (PeerChange& peer : change.peers)
        apply(tunnel, std::move(peer), by);
}

void Tunnels::set_listen_port(RunningTunnel& tunnel, NewListenPort wanted) {
    core_.set_listen_port(tunnel.index, wanted.port);
    watcher_.unwatch(tunnel);
    tunnel.sockets = std::move(wanted.sockets);
    tunnel.listen_port = wanted.port;
    watcher_.watch(tunnel);
}

void Tunnels::apply(RunningTunnel& tunnel, PeerChange change, ChangedBy by) {
    const config::PublicKey key = change.peer().public_key;
    const std::optional<PeerIndex> peer = core_.find_peer(tunnel.index, to_key(key));
    switch (change.kind) {
        case PeerChange::Kind::add:
            if (const auto added = add_peer(tunnel, *change.wanted))
                events_.configuration_changed_of(*added, {by, Change::peer_added});
            break;
        case PeerChange::Kind::change:
            change_peer(tunnel, *peer, change);
            events_.configuration_changed_of(*peer, {by, Change::peer_changed, change.fields()});
            break;
        case PeerChange::Kind::remove:
            events_.configuration_changed_of(*peer, {by, Change::peer_removed});
            remove_peer(tunnel, *peer);
            break;
    }
}

std::optional<PeerIndex> Tunnels::add_peer(RunningTunnel& tunnel, const config::Peer& wanted) {
    return add_peers(tunnel, {&wanted, 1}).front();
}

std::vector<std::optional<PeerIndex>> Tunnels::add_peers(RunningTunnel& tunnel,
                                                         std::span<const config::Peer> wanted) {
    std::vector<PeerSpec> specs;
    for (const config::Peer& peer : wanted)
        specs.push_back(spec_of(peer));
    auto added = core_.add_peers(tunnel.index, std::move(specs));
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (!added[i]) continue;
        note(tunnel, *added[i], wanted[i]);
        allow_only(tunnel, *added[i], wanted[i]);
    }
    return added;
}

void Tunnels::change_peer(RunningTunnel& tunnel, PeerIndex peer, const PeerChange& change) {
    const config::Peer& wanted = *change.wanted;
    if (crypto::PresharedKey key = preshared_key_in(wanted); !core_.engine().preshared_key(peer).equals(key))
        core_.set_preshared_key(peer, std::move(key));
    if (const auto address = address_in(wanted); address && change.set_endpoint)
        core_.set_endpoint(peer, *address);
    if (wanted.persistent_keepalive != core_.peer(peer)->persistent_keepalive)
        core_.set_persistent_keepalive(peer, wanted.persistent_keepalive);
    note(tunnel, peer, wanted);
    allow_only(tunnel, peer, wanted);
}

void Tunnels::remove_peer(RunningTunnel& tunnel, PeerIndex peer) {
    const std::set<IpPrefix> had = core_.peer(peer)->allowed_ips;
    for (const IpPrefix& prefix : had)
        disallow(tunnel, peer, prefix);
    names_.forget(peer);
    core_.remove_peer(peer);
    tunnel.configured.erase(peer);
}

/// Keeps what was said of a peer.
void Tunnels::note(RunningTunnel& tunnel, PeerIndex peer, const config::Peer& wanted) {
    const std::optional<config::Endpoint> before = tunnel.configured.of(peer).endpoint;
    tunnel.configured.set(peer, {wanted.name, wanted.endpoint});
    if (wanted.endpoint == before) return;
    if (wanted.endpoint && wanted.endpoint->is_named()) {
        names_.follow(peer, *wanted.endpoint);
    } else {
        names_.forget(peer);
    }
}

/// First what is new, then what is no longer: what moves within a plan belongs to somebody all the while.
void Tunnels::allow_only(RunningTunnel& tunnel, PeerIndex peer, const config::Peer& wanted) {
    const std::set<IpPrefix> had = core_.peer(peer)->allowed_ips;
    std::set<IpPrefix> kept;
    for (const config::Prefix& allowed : wanted.allowed_ips) {
        const IpPrefix prefix = to_prefix(allowed);
        kept.insert(prefix);
        if (!had.contains(prefix)) allow(tunnel, peer, prefix);
    }
    for (const IpPrefix& prefix : had) {
        if (!kept.contains(prefix)) disallow(tunnel, peer, prefix);
    }
}

void Tunnels::allow(RunningTunnel& tunnel, PeerIndex peer, const IpPrefix& prefix) {
    if (const auto old = core_.add_allowed_ip(peer, prefix)) {
        logger_.warning(
            "allowed IP moved",
            {{"tunnel", tunnel.name}, {"prefix", prefix}, {"from", name_of(*old)}, {"to", name_of(peer)}});
        const FieldChange lost{"allowed_ips", "-" + prefix.to_string()};
        events_.configuration_changed_of(*old, {by_, Change::allowed_ip_moved, {&lost, 1}});
    }
    put_route(tunnel, prefix);
}

void Tunnels::put_routes(const RunningTunnel& tunnel) {
    for (const PeerIndex peer : core_.peers_of(tunnel.index)) {
        for (const IpPrefix& prefix : core_.peer(peer)->allowed_ips)
            put_route(tunnel, prefix);
    }
}

void Tunnels::put_route(const RunningTunnel& tunnel, const IpPrefix& prefix) {
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
