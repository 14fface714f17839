#include "tests/simulation/path.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "control/protocol/durations.h"
#include "crypto/aead.h"

namespace ringway::simulation {

using control::protocol::kNoSession;
using control::protocol::NewSession;
using control::protocol::ns;
using control::protocol::PeerActivity;

namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kLatest = ns(2ms);  ///< what is told from thread to thread
constexpr std::size_t kInnerBytes = 16;
/// Three, and a fourth while they rotate; one more that is on its way out.
constexpr std::size_t kMostSessions = 5;
/// An initiation of ours, and a response while its session is being made.
constexpr std::size_t kMostHandshakes = 2;
constexpr Nanoseconds kSecretsLast = ns(3 * crypto::kRejectAfterTime);
constexpr Nanoseconds kAgingAfter =
    ns(crypto::kRejectAfterTime - crypto::kKeepaliveTimeout - crypto::kRekeyTimeout);
constexpr Nanoseconds kSlack = ns(1s);

std::array<std::uint8_t, kInnerBytes> to_bytes(const Inner& packet) {
    std::array<std::uint8_t, kInnerBytes> bytes{};
    std::memcpy(bytes.data(), &packet.source, sizeof(packet.source));
    std::memcpy(bytes.data() + 8, &packet.id, sizeof(packet.id));
    return bytes;
}

Inner from_bytes(std::span<const std::uint8_t> bytes) {
    Inner packet;
    std::memcpy(&packet.source, bytes.data(), sizeof(packet.source));
    std::memcpy(&packet.id, bytes.data() + 8, sizeof(packet.id));
    return packet;
}

}  // namespace

Path::Path(const Options& options, Agenda& agenda, const NodeClock& clock, Referee& referee,
           Surroundings& surroundings)
    : options_(options),
      agenda_(agenda),
      clock_(clock),
      referee_(referee),
      surroundings_(surroundings),
      chance_(options.seed) {}

void Path::later(Channel& channel, std::function<void()> action) {
    channel.last = std::max(channel.last, agenda_.now() + chance_.below(kLatest));
    agenda_.at(channel.last, [life = std::weak_ptr(life_), action = std::move(action)] {
        if (!life.expired()) action();
    });
}

void Path::tell_engine(std::function<void(control::protocol::Engine&)> event) {
    later(to_control_, [this, event = std::move(event)] {
        event(*engine_);
        surroundings_.engine_was_told();
    });
}

// --- configuration ---

void Path::add_peer(PeerId peer, NodeNumber node, const dataplane::Endpoint& endpoint) {
    Peer& added = peers_[peer];
    added.node = node;
    added.endpoint = endpoint;
}

void Path::remove_peer(PeerId id) {
    std::erase_if(allowed_, [id](const auto& entry) { return entry.second == id; });
    // Behind the requests that end its sessions.
    later(to_lcores_, [this, id] { peers_.erase(id); });
}

// --- outbound ---

bool Path::is_expired(const Session& session) const {
    const Nanoseconds time = now();
    return time > session.about.born && time - session.about.born >= ns(crypto::kRejectAfterTime);
}

void Path::send(PeerId id, const Inner& packet) {
    const auto found = peers_.find(id);
    if (found == peers_.end()) return;
    Peer& peer = found->second;
    if (!peer.endpoint.is_set()) return;
    const auto session = sessions_.find(peer.sending);
    if (session == sessions_.end() || is_expired(session->second)) {
        peer.sending = kNoSession;
        stage(id, peer, packet);
    } else {
        seal(id, peer, session->second, packet);
    }
}

void Path::stage(PeerId id, Peer& peer, const Inner& packet) {
    peer.staged.push_back(packet);
    if (peer.staged.size() > crypto::kMaxStagedPackets && options_.sabotage != Sabotage::stages_for_ever)
        peer.staged.pop_front();
    peer.activity.has_staged = true;
    if (options_.sabotage == Sabotage::deaf) return;
    tell_engine([this, id](auto& engine) { engine.on_session_wanted(id, now()); });
}

void Path::seal(PeerId id, Peer& peer, Session& session, const std::optional<Inner>& packet) {
    const PeerActivity before = peer.activity;
    if (packet && peer.activity.unanswered_since == 0) peer.activity.unanswered_since = now();
    peer.activity.keepalive_owed_since = 0;
    peer.activity.last_traversal = now();

    if (options_.sabotage == Sabotage::counter_again && session.next_counter == 5) session.next_counter = 3;
    const std::uint64_t counter = session.next_counter++;
    const crypto::MessageTransport header{
        crypto::Le32(static_cast<std::uint32_t>(crypto::MessageType::transport)), session.about.remote_index,
        crypto::Le64(counter)};
    const std::size_t plain = packet ? kInnerBytes : 0;
    Bytes message(sizeof(header) + plain + crypto::kTagBytes);
    std::memcpy(message.data(), &header, sizeof(header));
    const auto bytes = to_bytes(packet.value_or(Inner{}));
    crypto::aead_seal(std::span(message).subspan(sizeof(header)), session.keys.send, counter,
                      std::span(bytes).first(plain), {});
    referee_.sealed(options_.node, session.keys.send, counter, message);
    surroundings_.transmit(peer.endpoint, std::move(message));

    touch(id, before);
    const bool wants_rekey =
        session.about.is_initiator && now() - session.about.born >= ns(crypto::kRekeyAfterTime);
    if (wants_rekey) tell_engine([this, id](auto& engine) { engine.on_session_wanted(id, now()); });
}

// --- inbound ---

void Path::receive(const dataplane::Endpoint& from, std::span<const std::uint8_t> message) {
    crypto::MessageTransport header;
    if (message.size() < crypto::kTransportMinimumBytes) return;
    std::memcpy(&header, message.data(), sizeof(header));
    const auto at = session_at_.find(header.receiver.value.host());
    if (at == session_at_.end()) return;
    const SessionId session_id = at->second;
    Session& session = sessions_.at(session_id);
    if (is_expired(session)) return;

    const std::uint64_t counter = header.counter.host();
    Bytes plaintext(message.size() - crypto::kTransportMinimumBytes);
    const bool authentic =
        crypto::aead_open(plaintext, session.keys.receive, counter, message.subspan(sizeof(header)), {});
    if (!authentic && options_.sabotage != Sabotage::no_tag_check) return;
    if (!session.replay.accept(counter) && options_.sabotage != Sabotage::no_replay_check) return;

    const PeerId id = session.peer;
    Peer& peer = peers_.at(id);
    referee_.accepted(options_.node, peer.node, session.keys.receive, counter, message);
    peer.endpoint = from;
    surroundings_.heard(peer.node);
    note_received(id, peer, session_id, !plaintext.empty());
    if (plaintext.size() == kInnerBytes) take(id, peer, plaintext);
}

void Path::note_received(PeerId id, Peer& peer, SessionId session_id, bool is_data) {
    Session& session = sessions_.at(session_id);
    const PeerActivity before = peer.activity;
    peer.activity.unanswered_since = 0;
    peer.activity.last_traversal = now();
    if (is_data && peer.activity.keepalive_owed_since == 0) peer.activity.keepalive_owed_since = now();
    touch(id, before);
    if (!session.about.is_initiator && !std::exchange(session.confirmed, true)) {
        tell_engine([this, id, session_id](auto& engine) { engine.on_confirmed(id, session_id, now()); });
    }
    const bool ages = session.about.is_initiator && now() > session.about.born + kAgingAfter;
    if (ages && !std::exchange(session.aging_told, true)) {
        tell_engine([this, id](auto& engine) { engine.on_receive_aging(id, now()); });
    }
}

void Path::take(PeerId id, Peer& peer, std::span<const std::uint8_t> plaintext) {
    const Inner packet = from_bytes(plaintext);
    const auto owner = allowed_.find(packet.source);
    const bool allowed = owner != allowed_.end() && owner->second == id;
    if (!allowed && options_.sabotage != Sabotage::no_source_check) return;
    surroundings_.delivered(peer.node, packet);
}

/// The lcores' half of the watching contract.
void Path::touch(PeerId id, const PeerActivity& before) {
    const Peer& peer = peers_.at(id);
    const bool changed = before.unanswered_since != peer.activity.unanswered_since ||
                         before.keepalive_owed_since != peer.activity.keepalive_owed_since;
    if (!changed || peer.watched) return;
    tell_engine([this, id](auto& engine) { engine.on_activity(id, now()); });
}

// --- Plane: indices and sessions ---

std::optional<crypto::ReceiverIndex> Path::reserve_index(PeerId peer) {
    for (;;) {
        const auto index = static_cast<std::uint32_t>(chance_.bits());
        if (session_at_.contains(index) ||
            !handshakes_.try_emplace(index, Reserved{.peer = peer, .since = now()}).second)
            continue;
        return crypto::ReceiverIndex{crypto::Le32(index)};
    }
}

std::optional<PeerId> Path::find_index(crypto::ReceiverIndex index) const {
    const auto handshake = handshakes_.find(index.value.host());
    if (handshake != handshakes_.end()) return handshake->second.peer;
    const auto session = session_at_.find(index.value.host());
    if (session == session_at_.end()) return std::nullopt;
    return sessions_.at(session->second).peer;
}

void Path::release_index(crypto::ReceiverIndex index) {
    if (handshakes_.erase(index.value.host()) != 1)
        referee_.blow("bounded", options_.node, "gives an index back that it does not hold");
}

SessionId Path::install_session(PeerId peer, const NewSession& session, crypto::TransportKeys keys) {
    if (handshakes_.erase(session.local_index.value.host()) != 1)
        referee_.blow("bounded", options_.node, "makes a session with an index it does not hold");
    referee_.installed(options_.node, peers_.at(peer).node, keys);
    const SessionId id = next_session_++;
    session_at_[session.local_index.value.host()] = id;
    sessions_.emplace(id, Session{.peer = peer, .about = session, .keys = std::move(keys)});
    if (sessions_of(peer) > kMostSessions)
        referee_.blow("bounded", options_.node,
                      fmt::format("has {} sessions of one peer", sessions_of(peer)));
    if (!session.is_initiator && options_.sabotage == Sabotage::confirms_early)
        tell_engine([this, peer, id](auto& engine) { engine.on_confirmed(peer, id, now()); });
    return id;
}

std::size_t Path::sessions_of(PeerId peer) const {
    return static_cast<std::size_t>(std::count_if(sessions_.begin(), sessions_.end(),
                                                  [peer](const auto& s) { return s.second.peer == peer; }));
}

void Path::set_sending(PeerId peer, SessionId session) {
    if (session != kNoSession) {
        const Session& to_use = sessions_.at(session);
        if (!to_use.about.is_initiator && !to_use.confirmed)
            referee_.blow("confirmed", options_.node, "sends by a session that no packet has confirmed");
        referee_.in_use(options_.node, peers_.at(peer).node, to_use.keys);
    }
    later(to_lcores_, [this, peer, session] { put_in_place(peer, session); });
}

void Path::put_in_place(PeerId id, SessionId session) {
    Peer& peer = peers_.at(id);
    peer.sending = session;
    const auto found = sessions_.find(session);
    if (found == sessions_.end()) return;
    if (std::exchange(found->second.was_in_place, true))
        referee_.blow("counter used once", options_.node, "a session is put in place again");
    for (const Inner& packet : std::exchange(peer.staged, {}))
        seal(id, peer, found->second, packet);
    peer.activity.has_staged = false;
}

void Path::retire_session(PeerId, SessionId id) {
    Session& session = sessions_.at(id);
    session_at_.erase(session.about.local_index.value.host());
    if (options_.sabotage == Sabotage::keeps_sessions) return;
    const bool keep = options_.sabotage == Sabotage::keeps_keys && sessions_.size() == 1;
    if (keep) return;
    session.ends_by = agenda_.now() + kLatest;
    later(to_lcores_, [this, id] { sessions_.erase(id); });
}

// --- Plane: sending, endpoints, stamps ---

bool Path::has_endpoint(PeerId peer) const {
    return peers_.at(peer).endpoint.is_set();
}

bool Path::send_to_peer(PeerId peer, std::span<const std::uint8_t> message) {
    if (!has_endpoint(peer)) return false;
    surroundings_.transmit(peers_.at(peer).endpoint, {message.begin(), message.end()});
    return true;
}

void Path::send_to(TunnelId, const dataplane::Endpoint& to, std::span<const std::uint8_t> message) {
    surroundings_.transmit(to, {message.begin(), message.end()});
}

void Path::send_keepalive(PeerId id) {
    later(to_lcores_, [this, id] {
        const auto peer = peers_.find(id);
        if (peer == peers_.end()) return;
        const auto session = sessions_.find(peer->second.sending);
        if (session == sessions_.end() || is_expired(session->second)) return;
        seal(id, peer->second, session->second, std::nullopt);
    });
}

void Path::drop_staged(PeerId id) {
    later(to_lcores_, [this, id] {
        const auto peer = peers_.find(id);
        if (peer == peers_.end()) return;
        peer->second.staged.clear();
        peer->second.activity.has_staged = false;
    });
}

void Path::set_endpoint(PeerId peer, const dataplane::Endpoint& endpoint) {
    peers_.at(peer).endpoint = endpoint;
}

void Path::clear_endpoint_source(PeerId peer) {
    peers_.at(peer).endpoint.local = {};
}

PeerActivity Path::activity(PeerId peer) const {
    return peers_.at(peer).activity;
}

void Path::note_authenticated_sent(PeerId peer, Nanoseconds time) {
    peers_.at(peer).activity.keepalive_owed_since = 0;
    peers_.at(peer).activity.last_traversal = time;
}

void Path::note_authenticated_received(PeerId peer, Nanoseconds time) {
    peers_.at(peer).activity.unanswered_since = 0;
    peers_.at(peer).activity.last_traversal = time;
    surroundings_.heard(peers_.at(peer).node);
}

void Path::set_watched(PeerId peer, bool watched) {
    peers_.at(peer).watched = watched;
}

// --- rules ---

void Path::check() const {
    const Nanoseconds time = now();
    for (const auto& [id, session] : sessions_) {
        const bool is_ending = agenda_.now() <= session.ends_by;
        if (!is_ending && time > session.about.born + kSecretsLast + kSlack)
            referee_.blow("secrets end", options_.node, "holds the keys of a session long over");
    }
    std::map<PeerId, std::size_t> handshakes;
    for (const auto& [index, reserved] : handshakes_) {
        if (++handshakes[reserved.peer] > kMostHandshakes)
            referee_.blow("bounded", options_.node, "has many handshakes with one peer");
        if (time > reserved.since + ns(crypto::kRekeyTimeout + crypto::kRekeyTimeoutJitterMax) + kSlack)
            referee_.blow("secrets end", options_.node, "holds a handshake that nobody waits for");
    }
    for (const auto& [id, peer] : peers_) {
        if (peer.staged.size() > crypto::kMaxStagedPackets)
            referee_.blow("bounded", options_.node, "stages more than there is room for");
    }
}

}  // namespace ringway::simulation
