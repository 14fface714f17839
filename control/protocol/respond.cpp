// The responder's side: an initiation from the wire, and our response.

#include "control/protocol/bytes.h"
#include "control/protocol/durations.h"
#include "control/protocol/engine.h"

namespace ringway::control::protocol {

Verdict Engine::take_initiation(const Arrival& arrival, const crypto::MessageInitiation& message) {
    if (const auto refusal = refuse_by_macs(arrival, message.sender)) return *refusal;

    crypto::OpenedInitiation opened;
    if (!crypto::open_initiation(opened, arrival.secrets.identity, message)) return Verdict::bad_static;
    const auto id = find_peer(arrival.tunnel, opened.remote_static);
    if (!id) return Verdict::unknown_peer;
    Peer& peer = *peers_[*id];
    if (!peer.secrets->remote.usable) return Verdict::unusable_peer;
    const auto timestamp = crypto::open_timestamp(opened, peer.secrets->remote, message);
    if (!timestamp) return Verdict::bad_timestamp;

    if (*timestamp <= peer.greatest_timestamp) return Verdict::replayed;
    const Nanoseconds next_allowed = peer.last_initiation + ns(crypto::kInitiationMinimumGap);
    if (peer.last_initiation != 0 && arrival.now < next_allowed) return Verdict::flood;

    // Authentic and new.
    peer.greatest_timestamp = *timestamp;
    peer.last_initiation = arrival.now;
    plane_.set_endpoint(peer.id, arrival.from);
    plane_.note_authenticated_received(peer.id, arrival.now);
    const Verdict verdict = respond(peer, opened, arrival.now);
    if (is_accepted(verdict)) yield_to(peer, arrival.secrets.identity);
    reschedule(peer);
    return verdict;
}

Verdict Engine::respond(Peer& peer, crypto::OpenedInitiation& opened, Nanoseconds now) {
    const auto index = plane_.reserve_index(peer.id);
    if (!index) return Verdict::no_index;

    // Not peer.secrets->handshake: one that we began ourselves may be waiting there.
    crypto::Handshake handshake;
    crypto::MessageResponse message;
    crypto::accept_initiation(handshake, opened);
    if (!crypto::create_response(handshake, peer.secrets->remote, *index, random_, message)) {
        plane_.release_index(*index);
        return Verdict::bad_static;
    }
    const auto session = install(peer, handshake, now);
    if (!session) return Verdict::no_session;
    peer.sessions.add_as_responder(*session);
    send_handshake(peer, bytes_of(message), now);
    return Verdict::initiation_accepted;
}

/// Both ends have begun a handshake at once. Two sessions would replace each other for ever, and if
/// both ends gave way, as two kernels do, neither handshake would complete before a retry. So the
/// end with the smaller public key goes on with its own; against a peer that always gives way this
/// completes at once, too. Our next turn stays armed, should the peer's handshake come to nothing.
void Engine::yield_to(Peer& peer, const crypto::LocalIdentity& identity) {
    if (identity.public_key > peer.secrets->remote.public_key) abandon_handshake(peer);
}

}  // namespace ringway::control::protocol
