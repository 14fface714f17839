// The initiator's side: when an initiation is sent, repeated, and given up.

#include <algorithm>
#include <utility>

#include "control/protocol/bytes.h"
#include "control/protocol/durations.h"
#include "control/protocol/engine.h"

namespace ringway::control::protocol {
namespace {

/// The first initiation and its repetitions: one each REKEY_TIMEOUT through REKEY_ATTEMPT_TIME, and
/// two more because the kernel counts so (MAX_TIMER_HANDSHAKES).
constexpr std::uint32_t kMaxInitiations = crypto::kRekeyAttemptTime / crypto::kRekeyTimeout + 2;

}  // namespace

/// Something wants a session: packets, a keepalive, or the age of the one there is.
void Engine::want_session(Peer& peer, Nanoseconds now) {
    if (peer.initiate_at != 0) {
        // Under way already. Somebody still wants it, so its patience begins anew.
        peer.initiations = std::min(peer.initiations, 1U);
        return;
    }
    const Session& current = peer.sessions.current();
    const bool is_fresh = current.exists() && now - current.born < ns(crypto::kRekeyTimeout);
    if (is_fresh) return;  // asked for before this one was there

    peer.initiations = 0;
    initiate(peer, now);
}

/// Sends an initiation, or arms the time at which one may be sent.
void Engine::initiate(Peer& peer, Nanoseconds now) {
    const Nanoseconds allowed_at = peer.last_handshake_sent + ns(crypto::kRekeyTimeout);
    if (peer.last_handshake_sent != 0 && now < allowed_at) {
        peer.initiate_at = allowed_at + jitter();
        return;
    }
    if (peer.initiations == 0) peer.initiating_since = now;
    const PeerProblem problem = send_initiation(peer, now);
    switch (problem) {
        case PeerProblem::none:
            if (peer.troubles.unanswered++ == 0) peer.troubles.unanswered_since = now;
            if (peer.initiations > 0 || peer.problem == PeerProblem::never_tried) {
                peer.problem = PeerProblem::no_answer;
            }
            break;
        case PeerProblem::no_index:
            note_problem(peer, problem);
            break;
        default:  // nothing that time would mend
            note_problem(peer, problem);
            stop_initiating(peer);
            return;
    }
    ++peer.initiations;
    peer.initiate_at = now + ns(crypto::kRekeyTimeout) + jitter();
}

PeerProblem Engine::send_initiation(Peer& peer, Nanoseconds now) {
    const TunnelSecrets& tunnel = *find_tunnel(peer.tunnel);
    if (!tunnel.checker) return PeerProblem::no_private_key;
    if (!peer.secrets->remote.usable) return PeerProblem::unusable_key;
    if (!plane_.has_endpoint(peer.id)) return PeerProblem::no_endpoint;

    abandon_handshake(peer);
    const auto index = plane_.reserve_index(peer.id);
    if (!index) return PeerProblem::no_index;

    crypto::MessageInitiation message;
    const crypto::Tai64n timestamp = timestamps_.advance(peer.last_timestamp_sent);
    if (!crypto::create_initiation(peer.secrets->handshake, tunnel.identity, peer.secrets->remote, *index,
                                   timestamp, random_, message)) {
        plane_.release_index(*index);
        return PeerProblem::unusable_key;
    }
    ++statistics_.tunnels[peer.tunnel].initiations_sent;
    return send_handshake(peer, bytes_of(message), now) ? PeerProblem::none : PeerProblem::no_endpoint;
}

/// Completes an initiation or a response with its MACs and sends it.
bool Engine::send_handshake(Peer& peer, std::span<std::uint8_t> message, Nanoseconds now) {
    peer.cookie.add_macs(message, now);
    peer.last_handshake_sent = now;
    plane_.note_authenticated_sent(peer.id, now);
    return plane_.send_to_peer(peer.id, message);
}

/// Time for the next initiation: the first, if it had to wait for its turn, or a repetition.
void Engine::initiation_due(Peer& peer, Nanoseconds now) {
    if (peer.initiations >= kMaxInitiations) return give_up(peer);
    if (peer.initiations > 0) {
        plane_.clear_endpoint_source(peer.id);
        // At once: answers of ours to the peer's own calls may put the next one off again and again.
        abandon_handshake(peer);
    }
    initiate(peer, now);
}

/// Nothing of the handshake is left to be zeroed later; sessions that still exist have their own time.
void Engine::give_up(Peer& peer) {
    peer.problem = PeerProblem::no_answer;
    observer_->handshake_failed(peer.id, peer.problem);
    stop_initiating(peer);
}

/// Every packet for such a peer finds the same: it is told once.
void Engine::note_problem(Peer& peer, PeerProblem problem) {
    if (peer.problem != problem) observer_->handshake_failed(peer.id, problem);
    peer.problem = problem;
}

void Engine::stop_initiating(Peer& peer) {
    abandon_handshake(peer);
    peer.initiate_at = 0;
    peer.initiations = 0;
    plane_.drop_staged(peer.id);
}

void Engine::abandon_handshake(Peer& peer) {
    if (!peer.awaits_response()) return;
    plane_.release_index(peer.secrets->handshake.local_index);
    peer.secrets->handshake.wipe();
}

/// Both ends have the new current session.
void Engine::handshake_complete(Peer& peer) {
    peer.initiate_at = 0;
    peer.initiations = 0;
    peer.aging_seen = false;
    peer.problem = PeerProblem::none;
    peer.troubles = {};
    peer.last_handshake_unix_ns = timestamps_.unix_now();
    const Session& session = peer.sessions.current();
    if (!std::exchange(peer.is_up, true)) observer_->peer_up(peer.id, session.is_initiator);
    session_ends_.set(peer.id, session.born + ns(crypto::kRejectAfterTime));
}

Nanoseconds Engine::jitter() {
    return (random_.next_u32() * ns(crypto::kRekeyTimeoutJitterMax)) >> 32U;
}

}  // namespace ringway::control::protocol
