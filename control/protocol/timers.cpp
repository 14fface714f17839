// Time: what is due, and when the next thing is. Lcores arm no timers, they only stamp a peer's
// activity; the two timers that packets govern are derived from those stamps (WireGuard paper,
// section 6.5; kernel: timers.c).

#include <algorithm>

#include "control/protocol/durations.h"
#include "control/protocol/engine.h"

namespace ringway::control::protocol {
namespace {

constexpr Nanoseconds kKeysLast = 3 * ns(crypto::kRejectAfterTime);

/// The earlier of two deadlines, where 0 is none.
Nanoseconds sooner(Nanoseconds a, Nanoseconds b) {
    if (a == 0 || b == 0) return a + b;
    return std::min(a, b);
}

/// Data came in and nothing went out since: the peer is owed a sign of life.
Nanoseconds keepalive_due(const Peer& peer, const PeerActivity& activity) {
    if (activity.keepalive_owed_since == 0) return 0;
    return std::max(activity.keepalive_owed_since, peer.keepalive_sent) + ns(crypto::kKeepaliveTimeout);
}

/// Data went out and nothing came in since: the session, or the path, may be dead.
Nanoseconds rescue_due(const Peer& peer, const PeerActivity& activity, Nanoseconds now) {
    if (activity.unanswered_since == 0) return 0;
    const bool is_first = peer.rescued_at < activity.unanswered_since;
    // Without a session nothing more can be sent unanswered; packets that want out ask by themselves.
    if (!is_first && !peer.sessions.current().is_usable(now)) return 0;
    return std::max(activity.unanswered_since, peer.rescued_at) + peer.unanswered_limit;
}

}  // namespace

void Engine::poll(Nanoseconds now, std::size_t budget) {
    tell_ends(now, budget);
    for (; budget > 0; --budget) {
        const auto soonest = deadlines_.soonest();
        if (!soonest || soonest->deadline > now) return;
        Peer& peer = *peers_[soonest->peer];
        run_timers(peer, now);
        reschedule(peer);
    }
}

std::optional<Nanoseconds> Engine::next_deadline() const {
    const auto soonest = deadlines_.soonest();
    if (!soonest) return std::nullopt;
    return soonest->deadline;
}

void Engine::run_timers(Peer& peer, Nanoseconds now) {
    if (is_due(peer.zero_at, now)) zero(peer, now);
    if (is_due(peer.look_at, now)) look(peer, now);
    if (is_due(peer.persistent_at, now)) persistent_keepalive_due(peer, now);
    if (is_due(peer.initiate_at, now)) initiation_due(peer, now);
}

/// Forgets the keys of each session by its own age, whatever else became of the peer: a handshake that never
/// gets as far as a confirmed session must not keep older keys alive, as it does in the kernel. (A handshake
/// under way is younger than this and ends by itself.)
void Engine::zero(Peer& peer, Nanoseconds now) {
    peer.sessions.retire_born_by(now - kKeysLast);
    const Nanoseconds oldest = peer.sessions.oldest_birth();
    peer.zero_at = oldest == 0 ? 0 : oldest + kKeysLast;
}

/// Sessions end by themselves; this is for the observer alone, so nobody is woken for it.
void Engine::tell_ends(Nanoseconds now, std::size_t budget) {
    for (; budget > 0; --budget) {
        const auto soonest = session_ends_.soonest();
        if (!soonest || soonest->deadline > now) return;
        session_ended(*peers_[soonest->peer], DownReason::expired);
    }
}

void Engine::session_ended(Peer& peer, DownReason reason) {
    if (!peer.is_up) return;
    peer.is_up = false;
    session_ends_.clear(peer.id);
    observer_->peer_down(peer.id, reason);
}

/// Serves the timers that the peer's activity governs, and goes on watching it while one is armed.
void Engine::look(Peer& peer, Nanoseconds now) {
    const PeerActivity activity = plane_.activity(peer.id);
    note_unanswered(peer, activity);
    if (is_due(keepalive_due(peer, activity), now)) {
        peer.keepalive_sent = now;
        keepalive_or_session(peer, now);
    }
    if (is_due(rescue_due(peer, activity, now), now)) rescue(peer, activity, now);

    Nanoseconds next = next_look(peer, now);
    if (next == 0) {
        plane_.set_watched(peer.id, false);
        next = next_look(peer, now);  // a change until now may have been left to us
        if (next != 0) plane_.set_watched(peer.id, true);
    }
    // Either stamp may be set at any time, and is served KEEPALIVE_TIMEOUT after it at the earliest.
    peer.look_at = next == 0 ? 0 : std::min(next, now + ns(crypto::kKeepaliveTimeout));
}

Nanoseconds Engine::next_look(Peer& peer, Nanoseconds now) {
    const PeerActivity activity = plane_.activity(peer.id);
    note_unanswered(peer, activity);
    return sooner(keepalive_due(peer, activity), rescue_due(peer, activity, now));
}

/// Draws the patience for a silence that has just begun.
void Engine::note_unanswered(Peer& peer, const PeerActivity& activity) {
    if (activity.unanswered_since == peer.unanswered_seen) return;
    peer.unanswered_seen = activity.unanswered_since;
    peer.unanswered_limit = ns(crypto::kKeepaliveTimeout + crypto::kRekeyTimeout) + jitter();
}

/// Data has been sent in vain for too long. Once a new handshake has been begun for it, another one
/// needs more data to have been sent since, so that we fall silent when our side does.
void Engine::rescue(Peer& peer, const PeerActivity& activity, Nanoseconds now) {
    const bool is_first = peer.rescued_at < activity.unanswered_since;
    peer.rescued_at = now;
    if (!is_first && activity.last_traversal <= peer.last_handshake_sent) return;
    plane_.clear_endpoint_source(peer.id);
    want_session(peer, now);
}

void Engine::persistent_keepalive_due(Peer& peer, Nanoseconds now) {
    const Nanoseconds quiet_until = plane_.activity(peer.id).last_traversal + peer.persistent_interval;
    if (quiet_until > now) {
        peer.persistent_at = quiet_until;
        return;
    }
    peer.persistent_at = now + peer.persistent_interval;
    keepalive_or_session(peer, now);
}

void Engine::keepalive_or_session(Peer& peer, Nanoseconds now) {
    if (peer.sessions.current().is_usable(now)) {
        plane_.send_keepalive(peer.id);
    } else {
        want_session(peer, now);  // which ends in a keepalive
    }
}

void Engine::reschedule(const Peer& peer) {
    const Nanoseconds next =
        sooner(sooner(peer.initiate_at, peer.look_at), sooner(peer.persistent_at, peer.zero_at));
    next == 0 ? deadlines_.clear(peer.id) : deadlines_.set(peer.id, next);
}

}  // namespace ringway::control::protocol
