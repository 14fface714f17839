#include "tests/control/protocol/network.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace ringway::control::protocol::test {
namespace {

constexpr std::uint8_t kKeepaliveMark = 0;

/// A stand-in for a transport message: header, the key, a mark (0: keepalive).
struct FakeTransport {
    crypto::MessageTransport header;
    std::array<std::uint8_t, crypto::kKeyBytes> key;
    std::uint8_t mark;
};

std::array<std::uint8_t, crypto::kKeyBytes> fingerprint(const crypto::SymmetricKey& key) {
    std::array<std::uint8_t, crypto::kKeyBytes> out{};
    std::ranges::copy(key.span(), out.begin());
    return out;
}

template <typename Message>
Bytes to_bytes(const Message& message) {
    Bytes bytes(sizeof(message));
    std::memcpy(bytes.data(), &message, sizeof(message));
    return bytes;
}

}  // namespace

// --- FakePlane ---

void FakePlane::send_data(PeerId id, std::uint8_t mark) {
    PathPeer& peer = peers_[id];
    const auto sending = sessions_.find(peer.sending);
    const Nanoseconds now = network_.now();
    if (sending == sessions_.end() || now - sending->second.about.born >= ns(crypto::kRejectAfterTime)) {
        peer.staged.push_back(mark);
        peer.activity.has_staged = true;
        gateway_.engine.on_session_wanted(id, now);
        return;
    }
    seal_and_send(id, peer.sending, mark);
}

void FakePlane::seal_and_send(PeerId id, SessionId session, std::uint8_t mark) {
    const PathSession& with = sessions_.at(session);
    PathPeer& peer = peers_[id];
    const Nanoseconds now = network_.now();
    const PeerActivity before = peer.activity;
    if (!stamps_lag) {
        if (mark != kKeepaliveMark && peer.activity.unanswered_since == 0)
            peer.activity.unanswered_since = now;
        peer.activity.keepalive_owed_since = 0;
        peer.activity.last_traversal = now;
        touch(id, before);
    }
    transmit(peer.tunnel, peer.endpoint,
             to_bytes(FakeTransport{
                 .header = {.type = crypto::Le32(4), .receiver = with.about.remote_index, .counter = {}},
                 .key = fingerprint(with.keys.send),
                 .mark = mark}),
             mark == kKeepaliveMark);
    const bool wants_rekey = with.about.is_initiator && now - with.about.born >= ns(crypto::kRekeyAfterTime);
    if (wants_rekey) network_.at(0ns, [this, id] { gateway_.engine.on_session_wanted(id, network_.now()); });
}

void FakePlane::receive_transport(const Datagram& datagram) {
    FakeTransport message;
    if (datagram.bytes.size() != sizeof(message)) return;
    std::memcpy(&message, datagram.bytes.data(), sizeof(message));
    const auto found = session_by_index_.find(message.header.receiver.value.host());
    if (found == session_by_index_.end()) return;
    const SessionId id = found->second;
    PathSession& session = sessions_.at(id);
    const Nanoseconds now = network_.now();
    const Nanoseconds age = now - session.about.born;
    if (age >= ns(crypto::kRejectAfterTime) || message.key != fingerprint(session.keys.receive)) return;

    PathPeer& peer = peers_[session.peer];
    const PeerId peer_id = session.peer;
    set_endpoint(peer_id, datagram.from);
    const PeerActivity before = peer.activity;
    peer.activity.unanswered_since = 0;
    peer.activity.last_traversal = now;
    if (message.mark == kKeepaliveMark) {
        ++peer.keepalives_received;
    } else {
        if (peer.activity.keepalive_owed_since == 0) peer.activity.keepalive_owed_since = now;
        ++peer.data_received;
        peer.marks_received.push_back(message.mark);
    }
    touch(peer_id, before);
    const bool ages = session.about.is_initiator &&
                      age >= ns(crypto::kRejectAfterTime - crypto::kKeepaliveTimeout - crypto::kRekeyTimeout);
    if (ages) gateway_.engine.on_receive_aging(peer_id, now);
    if (!session.about.is_initiator && !std::exchange(session.confirmed, true)) {
        gateway_.engine.on_confirmed(peer_id, id, now);
    }
}

/// The lcores' half of the watching contract.
void FakePlane::touch(PeerId id, const PeerActivity& before) {
    const PathPeer& peer = peers_[id];
    const bool changed = before.unanswered_since != peer.activity.unanswered_since ||
                         before.keepalive_owed_since != peer.activity.keepalive_owed_since;
    if (!changed || peer.watched) return;
    network_.at(0ns, [this, id] { gateway_.engine.on_activity(id, network_.now()); });
}

std::optional<crypto::ReceiverIndex> FakePlane::reserve_index(PeerId peer) {
    if (handshakes_.size() >= index_limit) return std::nullopt;
    for (;;) {
        const std::uint32_t index = random_.next_u32();
        if (session_by_index_.contains(index) || !handshakes_.try_emplace(index, peer).second) continue;
        return crypto::ReceiverIndex{crypto::Le32(index)};
    }
}

std::optional<PeerId> FakePlane::find_index(crypto::ReceiverIndex index) const {
    if (const auto found = handshakes_.find(index.value.host()); found != handshakes_.end())
        return found->second;
    const auto session = session_by_index_.find(index.value.host());
    if (session == session_by_index_.end()) return std::nullopt;
    return sessions_.at(session->second).peer;
}

void FakePlane::release_index(crypto::ReceiverIndex index) {
    if (handshakes_.erase(index.value.host()) != 1) throw std::logic_error("index released twice");
}

SessionId FakePlane::install_session(PeerId peer, const NewSession& session, crypto::TransportKeys keys) {
    if (sessions_.size() >= session_limit) return kNoSession;
    if (handshakes_.erase(session.local_index.value.host()) != 1)
        throw std::logic_error("index not reserved");
    const SessionId id = next_session_++;
    session_by_index_[session.local_index.value.host()] = id;
    sessions_.emplace(id, PathSession{.peer = peer, .about = session, .keys = std::move(keys)});
    return id;
}

void FakePlane::set_sending(PeerId id, SessionId session) {
    PathPeer& peer = peers_[id];
    if (session != kNoSession && sessions_.at(session).peer != id) throw std::logic_error("foreign session");
    peer.sending = session;
    if (session == kNoSession) return;
    if (std::exchange(sessions_.at(session).was_set, true)) throw std::logic_error("counters begun twice");
    for (const std::uint8_t mark : std::exchange(peer.staged, {}))
        seal_and_send(id, session, mark);
    peer.activity.has_staged = false;
}

void FakePlane::retire_session(PeerId id, SessionId session) {
    if (peers_[id].sending == session) throw std::logic_error("retired while sending");
    session_by_index_.erase(sessions_.at(session).about.local_index.value.host());
    sessions_.erase(session);
    peers_[id].retired.push_back(session);
}

bool FakePlane::has_endpoint(PeerId peer) const {
    const auto found = peers_.find(peer);
    return found != peers_.end() && found->second.endpoint.is_set();
}

bool FakePlane::send_to_peer(PeerId peer, std::span<const std::uint8_t> message) {
    if (!has_endpoint(peer)) return false;
    transmit(peers_[peer].tunnel, peers_[peer].endpoint, Bytes(message.begin(), message.end()));
    return true;
}

void FakePlane::send_to(TunnelId tunnel, const dataplane::Endpoint& to,
                        std::span<const std::uint8_t> message) {
    transmit(tunnel, to, Bytes(message.begin(), message.end()));
}

void FakePlane::send_keepalive(PeerId id) {
    const SessionId sending = peers_[id].sending;
    if (sending == kNoSession) throw std::logic_error("keepalive without a session");
    seal_and_send(id, sending, kKeepaliveMark);
}

void FakePlane::drop_staged(PeerId id) {
    PathPeer& peer = peers_[id];
    peer.staged_dropped += peer.staged.size();
    peer.staged.clear();
    peer.activity.has_staged = false;
}

void FakePlane::set_endpoint(PeerId peer, const dataplane::Endpoint& endpoint) {
    peers_[peer].endpoint = endpoint;
}

void FakePlane::clear_endpoint_source(PeerId peer) {
    peers_[peer].source_cleared.push_back(network_.now());
}

PeerActivity FakePlane::activity(PeerId peer) const {
    const auto found = peers_.find(peer);
    return found == peers_.end() ? PeerActivity{} : found->second.activity;
}

void FakePlane::note_authenticated_sent(PeerId peer, Nanoseconds now) {
    peers_[peer].activity.keepalive_owed_since = 0;
    peers_[peer].activity.last_traversal = now;
}

void FakePlane::note_authenticated_received(PeerId peer, Nanoseconds now) {
    peers_[peer].activity.unanswered_since = 0;
    peers_[peer].activity.last_traversal = now;
}

void FakePlane::set_watched(PeerId peer, bool watched) {
    if (!watched) before_unwatch();
    peers_[peer].watched = watched;
}

void FakePlane::transmit(TunnelId from, const dataplane::Endpoint& to, Bytes bytes, bool is_keepalive) {
    const auto type = static_cast<crypto::MessageType>(bytes.at(0));
    sent.push_back({.at = network_.now(), .type = type, .bytes = bytes, .is_keepalive = is_keepalive});
    network_.transmit({.from = gateway_.tunnel_address(from), .to = to, .bytes = std::move(bytes)});
}

// --- Gateway ---

Gateway::Gateway(Network& wire, std::uint8_t number, const EngineLimits& limits)
    : network(wire),
      address{.remote = {.family = dataplane::Family::v4, .bytes = {10, 0, 0, number}}, .remote_port = 51820},
      random(wire.seed * 1000 + number),
      plane(wire, *this, wire.seed * 1000 + 500 + number),
      engine(limits, plane, random, [this] {
          return 1'700'000'000'000'000'000ULL + network.now() + static_cast<std::uint64_t>(wall_offset);
      }) {
    engine.add_tunnel(0, make_private_key(random));
}

PeerId Gateway::add_peer(Gateway& other, bool endpoint, crypto::PresharedKey preshared_key) {
    const PeerId id = next_peer_++;
    if (endpoint) plane.at(id).endpoint = other.address;
    if (!engine.add_peer(0, id, other.public_key(), std::move(preshared_key), 0, now())) {
        throw std::logic_error("peer exists");
    }
    return id;
}

Verdict Gateway::receive(const Bytes& bytes, const dataplane::Endpoint& from, TunnelId tunnel) {
    engine.note_queue_depth(tunnel, queue_depth, now());
    const Verdict verdict = engine.on_handshake_message(tunnel, bytes, from, now());
    ++verdicts[static_cast<std::size_t>(verdict)];
    return verdict;
}

std::size_t Gateway::count_sent(crypto::MessageType type) const {
    return static_cast<std::size_t>(std::ranges::count(plane.sent, type, &Sent::type));
}

std::size_t Gateway::keepalives_sent() const {
    return static_cast<std::size_t>(std::ranges::count(plane.sent, true, &Sent::is_keepalive));
}

Bytes Gateway::last_sent(crypto::MessageType type) const {
    const auto found = std::find_if(plane.sent.rbegin(), plane.sent.rend(),
                                    [&](const Sent& sent) { return sent.type == type; });
    return found == plane.sent.rend() ? Bytes{} : found->bytes;
}

dataplane::Endpoint Gateway::tunnel_address(TunnelId tunnel) const {
    dataplane::Endpoint endpoint = address;
    endpoint.remote_port = static_cast<std::uint16_t>(endpoint.remote_port + tunnel);
    return endpoint;
}

Nanoseconds Gateway::now() const {
    return network.now();
}

// --- Network ---

Gateway& Network::add_gateway(const EngineLimits& limits) {
    const auto number = static_cast<std::uint8_t>(gateways_.size() + 1);
    gateways_.push_back(std::make_unique<Gateway>(*this, number, limits));
    return *gateways_.back();
}

void Network::at(std::chrono::nanoseconds delay, std::function<void()> action) {
    events_.push({.at = now_ + ns(delay), .order = order_++, .action = std::move(action)});
}

void Network::transmit(const Datagram& datagram) {
    if (!passes(datagram) || chance() < loss) return;
    const int copies = chance() < duplication ? 2 : 1;
    for (int i = 0; i < copies; ++i) {
        const auto extra = std::chrono::nanoseconds(
            static_cast<std::int64_t>(chance() * static_cast<double>(jitter.count())));
        at(latency + extra, [this, datagram] { deliver(datagram); });
    }
}

void Network::deliver(const Datagram& datagram) {
    for (const auto& gateway : gateways_) {
        const auto tunnel = static_cast<TunnelId>(datagram.to.remote_port - gateway->address.remote_port);
        if (gateway->address.remote != datagram.to.remote || gateway->engine.identity(tunnel) == nullptr)
            continue;
        if (datagram.type() == crypto::MessageType::transport) {
            gateway->plane.receive_transport(datagram);
        } else {
            gateway->receive(datagram.bytes, datagram.from, tunnel);
        }
    }
}

void Network::run(std::chrono::nanoseconds duration) {
    const Nanoseconds end = now_ + ns(duration);
    for (;;) {
        Nanoseconds next = events_.empty() ? end + 1 : events_.top().at;
        for (const auto& gateway : gateways_)
            next = std::min(next, gateway->engine.next_deadline().value_or(next));
        if (next > end) break;
        now_ = std::max(now_, next);
        while (!events_.empty() && events_.top().at <= now_) {
            const auto action = events_.top().action;
            events_.pop();
            action();
        }
        for (const auto& gateway : gateways_)
            gateway->engine.poll(now_);
    }
    now_ = end;
}

// --- Pair ---

namespace {

Gateway& smaller(Network& network) {
    Gateway& one = network.add_gateway();
    Gateway& two = network.add_gateway();
    return one.public_key() < two.public_key() ? one : two;
}

}  // namespace

Pair::Pair(std::uint64_t seed) : network(seed), a(smaller(network)), b(network.other_than(a)) {
    a.add_peer(b);
    b.add_peer(a);
}

void Pair::handshake() {
    a.engine.on_session_wanted(0, network.now());
    network.run(1s);
}

// --- messages ---

Bytes make_initiation(const crypto::LocalIdentity& from, const crypto::PublicKey& to,
                      const crypto::Tai64n& timestamp, crypto::Random& random) {
    crypto::Handshake handshake;
    crypto::MessageInitiation message;
    const auto remote = crypto::RemoteIdentity::from(from, to, {});
    const crypto::ReceiverIndex index{crypto::Le32(random.next_u32())};
    if (!crypto::create_initiation(handshake, from, remote, index, timestamp, random, message)) {
        throw std::logic_error("unusable key");
    }
    Bytes bytes = to_bytes(message);
    crypto::CookieHolder(to).add_macs(bytes, 0);
    return bytes;
}

crypto::PrivateKey make_private_key(crypto::Random& random) {
    crypto::PrivateKey key;
    random.fill(key.span());
    return key;
}

}  // namespace ringway::control::protocol::test
