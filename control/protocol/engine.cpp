#include "control/protocol/engine.h"

#include <utility>

#include "control/protocol/durations.h"

namespace ringway::control::protocol {
namespace {

std::optional<SessionStatus> status_of(const Session& session) {
    if (!session.exists()) return std::nullopt;
    return SessionStatus{.id = session.id, .born = session.born, .is_initiator = session.is_initiator};
}

}  // namespace

Engine::Engine(const EngineLimits& limits, Plane& plane, crypto::Random& random, WallClock wall_clock)
    : plane_(plane),
      random_(random),
      timestamps_(std::move(wall_clock)),
      loads_(limits.max_tunnels, LoadMonitor(limits.handshake_queue)),
      limiter_(limits.rate_limited_sources, random),
      arena_(crypto::SecretPool<TunnelSecrets>::arena_bytes(limits.max_tunnels) +
             crypto::SecretPool<PeerSecrets>::arena_bytes(limits.max_peers) +
             crypto::SecretPool<WorkBatch>::arena_bytes(1)),
      tunnel_secrets_(arena_, limits.max_tunnels),
      peer_secrets_(arena_, limits.max_peers),
      batches_(arena_, 1),
      batch_(batches_.acquire()),
      x25519_(limits.x25519),
      tunnels_(limits.max_tunnels),
      peers_(limits.max_peers),
      deadlines_(limits.max_peers),
      session_ends_(limits.max_peers) {
    by_key_.reserve(limits.max_peers);
    statistics_.tunnels.resize(limits.max_tunnels);
}

Engine::~Engine() = default;

void Engine::on_activity(PeerId id, Nanoseconds now) {
    Peer* peer = find(id);
    if (peer == nullptr || peer->look_at != 0) return;
    plane_.set_watched(id, true);
    look(*peer, now);
    reschedule(*peer);
}

void Engine::on_session_wanted(PeerId id, Nanoseconds now) {
    Peer* peer = find(id);
    if (peer == nullptr) return;
    want_session(*peer, now);
    reschedule(*peer);
}

void Engine::on_receive_aging(PeerId id, Nanoseconds now) {
    Peer* peer = find(id);
    if (peer == nullptr || peer->aging_seen) return;
    const Session& current = peer->sessions.current();
    constexpr Nanoseconds kAging =
        ns(crypto::kRejectAfterTime - crypto::kKeepaliveTimeout - crypto::kRekeyTimeout);
    if (!current.exists() || !current.is_initiator || now - current.born < kAging) return;
    peer->aging_seen = true;
    want_session(*peer, now);
    reschedule(*peer);
}

void Engine::on_confirmed(PeerId id, SessionId session, Nanoseconds now) {
    Peer* peer = find(id);
    if (peer == nullptr || !peer->sessions.confirm(session)) return;
    const Nanoseconds born = peer->sessions.current().born;
    statistics_.responded.add(now > born ? now - born : 0);
    abandon_handshake(*peer);
    handshake_complete(*peer);
    reschedule(*peer);
}

std::optional<PeerStatus> Engine::status(PeerId id) const {
    const Peer* peer = find(id);
    if (peer == nullptr) return std::nullopt;
    return PeerStatus{.last_handshake_unix_ns = peer->last_handshake_unix_ns,
                      .handshake_under_way = peer->initiate_at != 0,
                      .initiations = peer->initiations,
                      .problem = peer->problem,
                      .troubles = peer->troubles,
                      .previous = status_of(peer->sessions.previous()),
                      .current = status_of(peer->sessions.current()),
                      .next = status_of(peer->sessions.next())};
}

std::vector<std::size_t> Engine::peers_up(Nanoseconds now) const {
    std::vector<std::size_t> up(tunnels_.size());
    for (const auto& peer : peers_) {
        if (peer && peer->sessions.current().is_usable(now)) ++up[peer->tunnel];
    }
    return up;
}

}  // namespace ringway::control::protocol
