// The responder's side: an initiation from the wire, and our response.

#include "control/protocol/bytes.h"
#include "control/protocol/durations.h"
#include "control/protocol/engine.h"
#include "control/protocol/parse.h"

namespace ringway::control::protocol {

std::optional<Verdict> Engine::check_initiation(Work& work, const HandshakeArrival& arrival,
                                                Nanoseconds now) {
    const auto message = parse<crypto::MessageInitiation>(arrival.bytes);
    if (!message) return Verdict::bad_length;
    if (const auto refusal = refuse_by_macs(work, arrival, message->sender, now)) {
        if (*refusal == Verdict::bad_mac1) note_stranger(arrival, *refusal, {}, now);
        return refusal;
    }
    const crypto::X25519Job job = crypto::prepare_open(work.done, work.tunnel->identity, *message);
    ask({&job, 1});
    return std::nullopt;
}

/// Who sent it, and is it new? The rule counts here and not when it is taken, for the next of the peer may
/// be opened before.
std::optional<Verdict> Engine::open_initiation(Work& work, const HandshakeArrival& arrival, Nanoseconds now) {
    const auto message = parse<crypto::MessageInitiation>(arrival.bytes);
    if (!crypto::open_initiation(work.opened, work.tunnel->identity, *message, work.done))
        return Verdict::bad_static;
    const crypto::PublicKey key = work.opened.remote_static;  // what is opened is wiped when it is refused
    const auto refused = [&](Verdict verdict) { return refuse(arrival, key, verdict); };
    const auto id = find_peer(arrival.tunnel, key);
    if (!id) {
        note_stranger(arrival, Verdict::unknown_peer, key, now);
        return refused(Verdict::unknown_peer);
    }
    Peer& peer = *peers_[*id];
    if (!peer.secrets->remote.usable) return refused(Verdict::unusable_peer);
    const auto timestamp = crypto::open_timestamp(work.opened, peer.secrets->remote, *message);
    if (!timestamp) return refused(Verdict::bad_timestamp);

    const auto refused_of_peer = [&](Verdict verdict) {
        note_refused(peer, verdict, now);
        return refused(verdict);
    };
    if (*timestamp <= peer.greatest_timestamp) return refused_of_peer(Verdict::replayed);
    const Nanoseconds next_allowed = peer.last_initiation + ns(crypto::kInitiationMinimumGap);
    if (peer.last_initiation != 0 && now < next_allowed) return refused_of_peer(Verdict::flood);

    // Authentic and new.
    peer.greatest_timestamp = *timestamp;
    peer.last_initiation = now;
    work.peer = &peer;
    ask(crypto::prepare_response(work.done, work.opened.remote_ephemeral, peer.secrets->remote, random_));
    return std::nullopt;
}

Verdict Engine::take_initiation(Work& work, const HandshakeArrival& arrival, Nanoseconds now) {
    Peer& peer = *work.peer;
    plane_.set_endpoint(peer.id, arrival.from);
    plane_.note_authenticated_received(peer.id, now);
    const Verdict verdict = respond(peer, work, now);
    if (is_accepted(verdict)) {
        yield_to(peer, work.tunnel->identity);
    } else {
        note_refused(peer, verdict, now);
        (void)refuse(arrival, peer.secrets->remote.public_key, verdict);
    }
    reschedule(peer);
    return verdict;
}

/// Remembers for people why an initiation of the peer came to nothing.
void Engine::note_refused(Peer& peer, Verdict verdict, Nanoseconds now) {
    ++peer.troubles.refused;
    peer.troubles.refused_at = now;
    peer.troubles.refused_for = verdict;
}

void Engine::note_stranger(const HandshakeArrival& arrival, Verdict verdict, const crypto::PublicKey& key,
                           Nanoseconds now) {
    strangers_.note(
        {.tunnel = arrival.tunnel, .from = arrival.from, .verdict = verdict, .key = key, .at = now});
}

Verdict Engine::refuse(const HandshakeArrival& arrival, const crypto::PublicKey& key, Verdict verdict) {
    observer_->initiation_refused(arrival.tunnel, key, verdict, arrival.from);
    return verdict;
}

Verdict Engine::respond(Peer& peer, Work& work, Nanoseconds now) {
    const auto index = plane_.reserve_index(peer.id);
    if (!index) return Verdict::no_index;

    // Not peer.secrets->handshake: one that we began ourselves may be waiting there.
    crypto::Handshake handshake;
    crypto::MessageResponse message;
    crypto::accept_initiation(handshake, work.opened);
    if (!crypto::create_response(handshake, peer.secrets->remote, *index, work.done, message)) {
        plane_.release_index(*index);
        return Verdict::bad_static;
    }
    const auto session = install(peer, handshake, now);
    if (!session) return Verdict::no_session;
    peer.sessions.add_as_responder(*session);
    send_handshake(peer, bytes_of(message), now);
    if (peer.troubles.unconfirmed++ == 0) peer.troubles.unconfirmed_since = now;
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
