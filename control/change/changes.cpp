#include "control/change/changes.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <stdexcept>

#include "control/convert.h"

namespace ringway::control {

using dataplane::IpPrefix;

namespace {

std::string_view yes_no(bool value) {
    return value ? "true" : "false";
}

void note_forwarding(const Forwarding& before, const Forwarding& wanted, std::vector<FieldChange>& fields) {
    if (before.through_host != wanted.through_host) {
        fields.push_back({"forward", wanted.through_host ? "fast -> host" : "host -> fast"});
    }
    if (before.peer_to_peer != wanted.peer_to_peer) {
        fields.push_back({"peer_to_peer", fmt::format("-> {}", yes_no(wanted.peer_to_peer))});
    }
    if (before.dont_fragment != wanted.dont_fragment) {
        fields.push_back({"df", wanted.dont_fragment ? "clear -> set" : "set -> clear"});
    }
}

}  // namespace

tl::expected<Plan, Refusal> Changes::plan(const config::Configuration& wanted) const {
    tl::expected<Plan, Refusal> plan = this->plan(wanted.tunnels);
    if (!plan) return plan;
    plan->needs_restart = fixed_.differences(wanted);
    for (const config::Tunnel& tunnel : wanted.tunnels) {
        const RunningTunnel* running = tunnels_.find(tunnel.name);
        if (running == nullptr) continue;  // told of with the list of tunnels
        const auto note = [&](bool same, std::string_view key) {
            if (same) return;
            plan->needs_restart.push_back(
                fmt::format("tunnel {}: {} changes at a restart only", tunnel.name, key));
        };
        note(tunnel.mtu == running->mtu, "mtu");
        note(tunnel.host == running->host, "host");
        note(tunnel.outer_netns == running->outer_netns, "outer");
        note(tunnel.route_allowed_ips == running->route_allowed_ips, "route_allowed_ips");
    }
    return plan;
}

tl::expected<Plan, Refusal> Changes::plan(std::span<const config::Tunnel> wanted) const {
    Plan plan;
    for (const config::Tunnel& tunnel : wanted) {
        const RunningTunnel* running = tunnels_.find(tunnel.name);
        if (running == nullptr) continue;
        auto change = compare(*running, tunnel);
        if (!change) return tl::make_unexpected(change.error());
        if (!change->empty()) plan.tunnels.push_back(std::move(*change));
    }
    if (auto refusal = refuse_for_room(plan)) return tl::make_unexpected(std::move(*refusal));
    return plan;
}

tl::expected<TunnelChange, Refusal> Changes::compare(const RunningTunnel& running,
                                                     const config::Tunnel& wanted) const {
    TunnelChange change{.tunnel = running.index, .name = running.name};
    if (!config::same_private_key(tunnels_.private_key_of(running), wanted.private_key)) {
        change.private_key = wanted.private_key.copy();
        change.fields.push_back({"private_key", "changed"});
    }
    if (wanted.listen_port != running.listen_port) {
        auto opened = new_listen_port(running, wanted.listen_port);
        if (!opened) return tl::make_unexpected(opened.error());
        change.fields.push_back({"listen_port", fmt::format("{} -> {}", running.listen_port, opened->port)});
        change.listen_port = std::move(*opened);
    }
    if (wanted.fwmark != running.fwmark) {
        change.fwmark = wanted.fwmark;
        change.fields.push_back({"fwmark", fmt::format("{:#x} -> {:#x}", running.fwmark, wanted.fwmark)});
    }
    const Forwarding before = tunnels_.forwarding_of(running);
    if (const Forwarding forwarding = Forwarding::of(wanted); forwarding != before) {
        change.forwarding = forwarding;
        note_forwarding(before, forwarding, change.fields);
    }
    compare_peers_of(running, wanted, change);
    return change;
}

/// Removals first: their names and allowed IPs are free for those that come.
void Changes::compare_peers_of(const RunningTunnel& running, const config::Tunnel& wanted,
                               TunnelChange& change) const {
    std::set<config::PublicKey> named;
    for (const config::Peer& peer : wanted.peers)
        named.insert(peer.public_key);
    for (const PeerIndex peer : core_.peers_of(running.index)) {
        if (named.contains(from_key(core_.peer(peer)->public_key))) continue;
        change.peers.push_back({.kind = PeerChange::Kind::remove, .before = tunnels_.settings_of(peer)});
    }
    for (const config::Peer& peer : wanted.peers) {
        const auto known = core_.find_peer(running.index, to_key(peer.public_key));
        if (!known) {
            change.peers.push_back({.kind = PeerChange::Kind::add, .wanted = peer.copy()});
        } else if (auto difference = compare_peers(tunnels_.settings_of(*known), peer.copy())) {
            change.peers.push_back(std::move(*difference));
        }
    }
}

tl::expected<NewListenPort, Refusal> Changes::new_listen_port(const RunningTunnel& running,
                                                              std::uint16_t port) const {
    const auto& all = tunnels_.all();
    const bool taken = std::any_of(all.begin(), all.end(), [&](const auto& other) {
        return other->outer_domain == running.outer_domain && other->listen_port == port && port != 0;
    });
    try {
        if (!taken) return tunnels_.open_listen_port(running, port);
    } catch (const std::runtime_error&) {
        // Taken by a program of this host: the same to whoever asks.
    }
    return tl::make_unexpected(
        Refusal{"listen_port", fmt::format("tunnel {}: listen_port {} is taken", running.name, port)});
}

std::optional<Refusal> Changes::refuse_for_room(const Plan& plan) const {
    const std::size_t wanted = plan.count(PeerChange::Kind::add);
    const std::size_t free = core_.free_peers();
    if (wanted <= free) return std::nullopt;
    return Refusal{"", fmt::format("there are {} peers to add and room for {}: system.max_peers is {}",
                                   wanted, free, core_.dataplane().options.max_peers)};
}

std::optional<Refusal> Changes::refuse(const RunningTunnel& tunnel, const config::Peer& wanted,
                                       PutOptions options) const {
    const crypto::PublicKey key = to_key(wanted.public_key);
    const crypto::LocalIdentity* identity = core_.engine().identity(tunnel.index);
    if (identity != nullptr && identity->public_key == key)
        return Refusal{"public_key", "the tunnel's own public key, expected the peer's"};
    const auto known = core_.find_peer(tunnel.index, key);
    if (const auto named = tunnels_.find_named(tunnel, wanted.name); named && named != known)
        return Refusal{"name", "another peer of the tunnel has that name"};
    if (options.move_allowed_ips) return std::nullopt;
    for (const config::Prefix& allowed : wanted.allowed_ips) {
        const IpPrefix prefix = to_prefix(allowed);
        const auto owner = tunnels_.owner_of(tunnel, prefix);
        if (!owner || owner == known) continue;
        return Refusal{"allowed_ips",
                       fmt::format("{} is allowed to peer {}, and moves only if 'move' is said",
                                   prefix.to_string(), tunnels_.name_of(*owner))};
    }
    return std::nullopt;
}

tl::expected<Plan, Refusal> Changes::plan_put(const RunningTunnel& tunnel, config::Peer wanted,
                                              PutOptions options) const {
    if (auto refusal = refuse(tunnel, wanted, options)) return tl::make_unexpected(std::move(*refusal));
    Plan plan;
    TunnelChange change{.tunnel = tunnel.index, .name = tunnel.name};
    const auto known = core_.find_peer(tunnel.index, to_key(wanted.public_key));
    if (!known) {
        change.peers.push_back({.kind = PeerChange::Kind::add, .wanted = std::move(wanted)});
    } else {
        PeerChange of_peer{.before = tunnels_.settings_of(*known), .wanted = std::move(wanted)};
        const bool other_endpoint = of_peer.before->endpoint != of_peer.wanted->endpoint;
        of_peer.set_endpoint = of_peer.wanted->endpoint && (options.endpoint_said || other_endpoint);
        if (!of_peer.fields().empty()) change.peers.push_back(std::move(of_peer));
    }
    if (!change.empty()) plan.tunnels.push_back(std::move(change));
    if (auto refusal = refuse_for_room(plan)) return tl::make_unexpected(std::move(*refusal));
    return plan;
}

Plan Changes::plan_removal(const RunningTunnel& tunnel, PeerIndex peer) const {
    Plan plan;
    plan.tunnels.push_back({.tunnel = tunnel.index, .name = tunnel.name});
    plan.tunnels.back().peers.push_back(
        {.kind = PeerChange::Kind::remove, .before = tunnels_.settings_of(peer)});
    return plan;
}

void Changes::carry_out(Plan plan, ChangedBy by) {
    if (plan.empty()) return;
    ++generation_;
    for (TunnelChange& change : plan.tunnels)
        tunnels_.apply(std::move(change), by);
}

tl::expected<PeerIndex, Refusal> Changes::put(const RunningTunnel& tunnel, config::Peer wanted,
                                              PutOptions options, ChangedBy by) {
    const crypto::PublicKey key = to_key(wanted.public_key);
    auto plan = plan_put(tunnel, std::move(wanted), options);
    if (!plan) return tl::make_unexpected(plan.error());
    carry_out(std::move(*plan), by);
    return *core_.find_peer(tunnel.index, key);
}

void Changes::remove(const RunningTunnel& tunnel, PeerIndex peer, ChangedBy by) {
    carry_out(plan_removal(tunnel, peer), by);
}

std::vector<config::Tunnel> Changes::settings() const {
    std::vector<config::Tunnel> settings;
    for (const auto& tunnel : tunnels_.all())
        settings.push_back(tunnels_.settings_of(*tunnel));
    return settings;
}

}  // namespace ringway::control
