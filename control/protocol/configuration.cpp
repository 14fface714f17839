// The engine's tunnels and peers: adding, changing, removing.

#include <cassert>
#include <cstring>
#include <utility>
#include <vector>

#include "control/protocol/durations.h"
#include "control/protocol/engine.h"

namespace ringway::control::protocol {
namespace {

Nanoseconds from_seconds(std::uint16_t seconds) {
    return ns(std::chrono::seconds(seconds));
}

}  // namespace

void Engine::add_tunnel(TunnelId tunnel, crypto::PrivateKey private_key) {
    assert(tunnel < tunnels_.size() && !tunnels_[tunnel]);
    tunnels_[tunnel] = tunnel_secrets_.acquire();
    statistics_.tunnels[tunnel] = {};
    set_identity(*tunnels_[tunnel], std::move(private_key));
}

void Engine::set_private_key(TunnelId tunnel, crypto::PrivateKey private_key) {
    TunnelSecrets& secrets = *tunnels_[tunnel];
    set_identity(secrets, std::move(private_key));
    std::vector<crypto::RemoteIdentity*> remotes;
    for (const auto& peer : peers_) {
        if (!peer || peer->tunnel != tunnel) continue;
        end_sessions(*peer, DownReason::key_changed);
        remotes.push_back(&peer->secrets->remote);
    }
    complete_remotes(secrets, remotes);
    for (const auto& peer : peers_) {
        if (peer && peer->tunnel == tunnel) reschedule(*peer);
    }
}

void Engine::remove_tunnel(TunnelId tunnel) {
    for (const auto& peer : peers_) {
        if (peer && peer->tunnel == tunnel) remove_peer(peer->id);
    }
    tunnels_[tunnel].reset();
}

bool Engine::add_peer(TunnelId tunnel, PeerId peer, const crypto::PublicKey& public_key,
                      crypto::PresharedKey preshared_key, std::uint16_t persistent_keepalive_seconds,
                      Nanoseconds now) {
    NewPeer one{peer, public_key, std::move(preshared_key), persistent_keepalive_seconds};
    add_peers(tunnel, {&one, 1}, now);
    return one.added;
}

void Engine::add_peers(TunnelId tunnel, std::span<NewPeer> peers, Nanoseconds now) {
    assert(find_tunnel(tunnel) != nullptr);
    std::vector<crypto::RemoteIdentity*> remotes;
    for (NewPeer& wanted : peers) {
        wanted.added = insert(tunnel, wanted);
        if (wanted.added) remotes.push_back(&peers_[wanted.peer]->secrets->remote);
    }
    complete_remotes(*tunnels_[tunnel], remotes);
    for (const NewPeer& wanted : peers) {
        if (wanted.added) set_persistent_keepalive(wanted.peer, wanted.persistent_keepalive_seconds, now);
    }
}

/// Its remote identity is not complete yet.
bool Engine::insert(TunnelId tunnel, NewPeer& wanted) {
    assert(wanted.peer < peers_.size() && !peers_[wanted.peer]);
    if (!by_key_.try_emplace({.tunnel = tunnel, .public_key = wanted.public_key}, wanted.peer).second)
        return false;
    auto secrets = peer_secrets_.acquire();
    secrets->remote.public_key = wanted.public_key;
    secrets->remote.preshared_key = std::move(wanted.preshared_key);
    auto peer = std::make_unique<Peer>(plane_, wanted.peer, tunnel, wanted.public_key, std::move(secrets));
    // The peer may be one that was removed and is back: it remembers our last timestamp.
    peer->last_timestamp_sent = timestamps_.greatest();
    peers_[wanted.peer] = std::move(peer);
    return true;
}

void Engine::remove_peer(PeerId id) {
    Peer* peer = find(id);
    if (peer == nullptr) return;
    end_sessions(*peer, DownReason::removed);
    deadlines_.clear(id);
    by_key_.erase({.tunnel = peer->tunnel, .public_key = peer->secrets->remote.public_key});
    peers_[id].reset();
}

void Engine::set_preshared_key(PeerId id, crypto::PresharedKey preshared_key) {
    if (Peer* peer = find(id)) peer->secrets->remote.preshared_key = std::move(preshared_key);
}

void Engine::set_persistent_keepalive(PeerId id, std::uint16_t seconds, Nanoseconds now) {
    Peer* peer = find(id);
    if (peer == nullptr) return;
    peer->persistent_interval = from_seconds(seconds);
    peer->persistent_at = seconds == 0 ? 0 : now;
    reschedule(*peer);
}

void Engine::forget_timestamp(PeerId id) {
    Peer* peer = find(id);
    if (peer == nullptr) return;
    peer->greatest_timestamp = {};
    peer->last_initiation = 0;
}

std::optional<PeerId> Engine::find_peer(TunnelId tunnel, const crypto::PublicKey& public_key) const {
    const auto found = by_key_.find({.tunnel = tunnel, .public_key = public_key});
    if (found == by_key_.end()) return std::nullopt;
    return found->second;
}

const crypto::LocalIdentity* Engine::identity(TunnelId tunnel) const {
    const TunnelSecrets* secrets = find_tunnel(tunnel);
    return secrets != nullptr && secrets->checker ? &secrets->identity : nullptr;
}

const crypto::PresharedKey& Engine::preshared_key(PeerId peer) const {
    return peers_[peer]->secrets->remote.preshared_key;
}

Peer* Engine::find(PeerId peer) const {
    return peer < peers_.size() ? peers_[peer].get() : nullptr;
}

TunnelSecrets* Engine::find_tunnel(TunnelId tunnel) const {
    return tunnel < tunnels_.size() ? tunnels_[tunnel].get() : nullptr;
}

void Engine::set_identity(TunnelSecrets& tunnel, crypto::PrivateKey private_key) {
    tunnel.checker.reset();
    if (private_key.is_zero()) {
        tunnel.identity = {};
        return;
    }
    tunnel.identity = crypto::LocalIdentity::from(std::move(private_key));
    tunnel.checker.emplace(tunnel.identity.public_key);
}

void Engine::complete_remotes(const TunnelSecrets& tunnel,
                              std::span<crypto::RemoteIdentity* const> remotes) const {
    if (tunnel.checker) return crypto::RemoteIdentity::complete(remotes, tunnel.identity, x25519_);
    for (crypto::RemoteIdentity* remote : remotes) {
        remote->static_static.wipe();
        remote->usable = false;
    }
}

/// A handshake that was under way begins again at its next turn.
void Engine::end_sessions(Peer& peer, DownReason reason) {
    abandon_handshake(peer);
    peer.sessions.retire_all();
    peer.zero_at = 0;
    session_ended(peer, reason);
}

std::size_t Engine::PeerKeyHash::operator()(const PeerKey& key) const noexcept {
    // Public keys of configured peers: uniform, and not chosen by whoever sends us messages.
    std::size_t bits = 0;
    std::memcpy(&bits, key.public_key.bytes.data(), sizeof(bits));
    return bits ^ key.tunnel;
}

}  // namespace ringway::control::protocol
