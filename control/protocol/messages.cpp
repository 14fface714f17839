// Handshake messages from the wire: what they are, whether they are meant for us, and the two that
// answer us. Until one authenticates, it changes nothing.

#include <cstring>

#include "control/protocol/bytes.h"
#include "control/protocol/durations.h"
#include "control/protocol/engine.h"
#include "control/protocol/parse.h"

namespace ringway::control::protocol {
namespace {

/// The bytes that a cookie is bound to: address and port as they lay on the wire.
struct SourceBytes {
    explicit SourceBytes(const dataplane::Endpoint& from) : size(from.remote.size() + sizeof(crypto::Be16)) {
        const crypto::Be16 port(from.remote_port);
        std::memcpy(bytes.data(), from.remote.bytes.data(), from.remote.size());
        std::memcpy(bytes.data() + from.remote.size(), &port, sizeof(port));
    }
    [[nodiscard]] crypto::CookieSource span() const { return {bytes.data(), size}; }

    std::array<std::uint8_t, 16 + sizeof(crypto::Be16)> bytes{};
    std::size_t size;
};

}  // namespace

/// What may cost a Diffie-Hellman: right in all that is cheap to see.
std::optional<Verdict> Engine::check(Work& work, const HandshakeArrival& arrival, Nanoseconds now) {
    work.tunnel = find_tunnel(arrival.tunnel);
    if (work.tunnel == nullptr) return Verdict::no_tunnel;
    if (!work.tunnel->checker) return Verdict::no_private_key;

    crypto::Le32 type;
    if (arrival.bytes.size() < sizeof(type)) return Verdict::bad_length;
    std::memcpy(&type, arrival.bytes.data(), sizeof(type));
    work.type = static_cast<crypto::MessageType>(type.host());
    switch (work.type) {
        case crypto::MessageType::initiation:
            return check_initiation(work, arrival, now);
        case crypto::MessageType::response:
            return check_response(work, arrival, now);
        case crypto::MessageType::cookie_reply:
            if (arrival.bytes.size() != sizeof(crypto::MessageCookieReply)) return Verdict::bad_length;
            return std::nullopt;
        default:
            return Verdict::bad_type;
    }
}

/// The cheap checks that stand before any Diffie-Hellman. Nothing: go on.
std::optional<Verdict> Engine::refuse_by_macs(const Work& work, const HandshakeArrival& arrival,
                                              crypto::ReceiverIndex sender, Nanoseconds now) {
    using MacVerdict = crypto::CookieChecker::Verdict;
    crypto::CookieChecker& checker = *work.tunnel->checker;
    const bool under_load = loads_[arrival.tunnel].under_load(now);
    const SourceBytes source(arrival.from);

    switch (checker.check(arrival.bytes, source.span(), under_load, now, random_)) {
        case MacVerdict::valid_cookie:
            if (limiter_.allow(arrival.from.remote, now)) return std::nullopt;
            return Verdict::rate_limited;
        case MacVerdict::valid_no_cookie: {
            if (!under_load) return std::nullopt;
            crypto::MessageCookieReply reply;
            checker.make_reply(reply, arrival.bytes, sender, source.span(), now, random_);
            plane_.send_to(arrival.tunnel, arrival.from, bytes_of(reply));
            return Verdict::cookie_sent;
        }
        case MacVerdict::invalid_mac:
            break;
    }
    return Verdict::bad_mac1;
}

std::optional<Verdict> Engine::check_response(Work& work, const HandshakeArrival& arrival, Nanoseconds now) {
    const auto message = parse<crypto::MessageResponse>(arrival.bytes);
    if (!message) return Verdict::bad_length;
    if (const auto refusal = refuse_by_macs(work, arrival, message->sender, now)) return refusal;

    // Whether it answers us is judged when its turn comes: a message before it may end the handshake. (None
    // begins one, so that nothing lacks its Diffie-Hellmans then.)
    const Peer* peer = find_by_index(arrival.tunnel, message->receiver);
    if (peer != nullptr && peer->awaits_response()) {
        const crypto::Handshake& handshake = peer->secrets->handshake;
        if (handshake.local_index == message->receiver)
            ask(crypto::prepare_consume(work.done, handshake, work.tunnel->identity, *message));
    }
    return std::nullopt;
}

Verdict Engine::take_response(Work& work, const HandshakeArrival& arrival, Nanoseconds now) {
    const auto message = parse<crypto::MessageResponse>(arrival.bytes);
    Peer* peer = find_by_index(arrival.tunnel, message->receiver);
    if (peer == nullptr) return Verdict::unknown_index;

    crypto::Handshake& handshake = peer->secrets->handshake;
    if (!peer->awaits_response() || handshake.local_index != message->receiver) return Verdict::no_handshake;
    if (!crypto::consume_response(handshake, peer->secrets->remote, *message, work.done)) {
        peer->problem = PeerProblem::bad_response;
        observer_->response_refused(peer->id, Verdict::bad_response, arrival.from);
        ++peer->troubles.bad_responses;
        return Verdict::bad_response;
    }
    plane_.set_endpoint(peer->id, arrival.from);
    plane_.note_authenticated_received(peer->id, now);
    const auto session = install(*peer, handshake, now);
    if (!session) return Verdict::no_session;

    // The responder may send nothing before it has heard us on the new session, so something must be
    // sent at once; if packets wait, they are it.
    const bool has_staged = plane_.activity(peer->id).has_staged;
    peer->sessions.add_as_initiator(*session);
    statistics_.initiated.add(now - peer->initiating_since);
    handshake_complete(*peer);
    if (!has_staged) plane_.send_keepalive(peer->id);
    reschedule(*peer);
    return Verdict::response_accepted;
}

Verdict Engine::take_cookie(const HandshakeArrival& arrival, Nanoseconds now) {
    const auto message = parse<crypto::MessageCookieReply>(arrival.bytes);
    Peer* peer = find_by_index(arrival.tunnel, message->receiver);
    if (peer == nullptr) return Verdict::unknown_index;
    if (!peer->cookie.consume_reply(*message, now)) return Verdict::bad_cookie;
    peer->problem = PeerProblem::under_load;
    ++peer->troubles.cookies;
    return Verdict::cookie_accepted;
}

Peer* Engine::find_by_index(TunnelId tunnel, crypto::ReceiverIndex index) const {
    const auto id = plane_.find_index(index);
    Peer* peer = id ? find(*id) : nullptr;
    return peer != nullptr && peer->tunnel == tunnel ? peer : nullptr;
}

/// Turns a finished handshake, which is wiped, into a session of the packet path.
std::optional<Session> Engine::install(Peer& peer, crypto::Handshake& handshake, Nanoseconds now) {
    const NewSession session{.local_index = handshake.local_index,
                             .remote_index = handshake.remote_index,
                             .is_initiator = handshake.state == crypto::Handshake::State::response_consumed,
                             .born = now};
    auto keys = crypto::derive_transport_keys(handshake);
    const SessionId id = keys ? plane_.install_session(peer.id, session, std::move(*keys)) : kNoSession;
    if (id == kNoSession) {
        plane_.release_index(session.local_index);
        note_problem(peer, PeerProblem::no_session);
        return std::nullopt;
    }
    if (peer.zero_at == 0) peer.zero_at = now + 3 * ns(crypto::kRejectAfterTime);
    return Session{.id = id, .born = now, .is_initiator = session.is_initiator};
}

}  // namespace ringway::control::protocol
