// Handshake messages from the wire: what they are, whether they are meant for us, and the two that
// answer us. Until one authenticates, it changes nothing.

#include <cstring>

#include "control/protocol/bytes.h"
#include "control/protocol/durations.h"
#include "control/protocol/engine.h"

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

/// Only a message of exactly its type's length is one.
template <typename Message>
std::optional<Message> parse(std::span<const std::uint8_t> bytes) {
    if (bytes.size() != sizeof(Message)) return std::nullopt;
    Message message;
    std::memcpy(&message, bytes.data(), sizeof(message));
    return message;
}

}  // namespace

Verdict Engine::on_handshake_message(TunnelId tunnel, std::span<const std::uint8_t> message,
                                     const dataplane::Endpoint& from, Nanoseconds now) {
    TunnelSecrets* secrets = find_tunnel(tunnel);
    if (secrets == nullptr) return Verdict::no_tunnel;
    if (!secrets->checker) return Verdict::no_private_key;

    const Arrival arrival{.tunnel = tunnel, .secrets = *secrets, .bytes = message, .from = from, .now = now};
    crypto::Le32 type;
    if (message.size() < sizeof(type)) return Verdict::bad_length;
    std::memcpy(&type, message.data(), sizeof(type));

    switch (static_cast<crypto::MessageType>(type.host())) {
        case crypto::MessageType::initiation: {
            const auto initiation = parse<crypto::MessageInitiation>(message);
            return initiation ? take_initiation(arrival, *initiation) : Verdict::bad_length;
        }
        case crypto::MessageType::response: {
            const auto response = parse<crypto::MessageResponse>(message);
            return response ? take_response(arrival, *response) : Verdict::bad_length;
        }
        case crypto::MessageType::cookie_reply: {
            const auto reply = parse<crypto::MessageCookieReply>(message);
            return reply ? take_cookie(arrival, *reply) : Verdict::bad_length;
        }
        default:
            return Verdict::bad_type;
    }
}

/// The cheap checks that stand before any Diffie-Hellman. Nothing: go on.
std::optional<Verdict> Engine::refuse_by_macs(const Arrival& arrival, crypto::ReceiverIndex sender) {
    using MacVerdict = crypto::CookieChecker::Verdict;
    crypto::CookieChecker& checker = *arrival.secrets.checker;
    const bool under_load = load_.under_load(arrival.now);
    const SourceBytes source(arrival.from);

    switch (checker.check(arrival.bytes, source.span(), under_load, arrival.now, random_)) {
        case MacVerdict::valid_cookie:
            if (limiter_.allow(arrival.from.remote, arrival.now)) return std::nullopt;
            return Verdict::rate_limited;
        case MacVerdict::valid_no_cookie: {
            if (!under_load) return std::nullopt;
            crypto::MessageCookieReply reply;
            checker.make_reply(reply, arrival.bytes, sender, source.span(), arrival.now, random_);
            plane_.send_to(arrival.tunnel, arrival.from, bytes_of(reply));
            return Verdict::cookie_sent;
        }
        case MacVerdict::invalid_mac:
            break;
    }
    return Verdict::bad_mac1;
}

Verdict Engine::take_response(const Arrival& arrival, const crypto::MessageResponse& message) {
    if (const auto refusal = refuse_by_macs(arrival, message.sender)) return *refusal;
    Peer* peer = find_by_index(arrival.tunnel, message.receiver);
    if (peer == nullptr) return Verdict::unknown_index;

    crypto::Handshake& handshake = peer->secrets->handshake;
    if (!peer->awaits_response() || handshake.local_index != message.receiver) return Verdict::no_handshake;
    if (!crypto::consume_response(handshake, arrival.secrets.identity, peer->secrets->remote, message)) {
        peer->problem = PeerProblem::bad_response;
        return Verdict::bad_response;
    }
    plane_.set_endpoint(peer->id, arrival.from);
    plane_.note_authenticated_received(peer->id, arrival.now);
    const auto session = install(*peer, handshake, arrival.now);
    if (!session) return Verdict::no_session;

    // The responder may send nothing before it has heard us on the new session, so something must be
    // sent at once; if packets wait, they are it.
    const bool has_staged = plane_.activity(peer->id).has_staged;
    peer->sessions.add_as_initiator(*session);
    handshake_complete(*peer);
    if (!has_staged) plane_.send_keepalive(peer->id);
    reschedule(*peer);
    return Verdict::response_accepted;
}

Verdict Engine::take_cookie(const Arrival& arrival, const crypto::MessageCookieReply& message) {
    Peer* peer = find_by_index(arrival.tunnel, message.receiver);
    if (peer == nullptr) return Verdict::unknown_index;
    if (!peer->cookie.consume_reply(message, arrival.now)) return Verdict::bad_cookie;
    peer->problem = PeerProblem::under_load;
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
        peer.problem = PeerProblem::no_session;
        return std::nullopt;
    }
    peer.zero_at = now + 3 * ns(crypto::kRejectAfterTime);
    return Session{.id = id, .born = now, .is_initiator = session.is_initiator};
}

}  // namespace ringway::control::protocol
