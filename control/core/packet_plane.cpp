#include "control/core/packet_plane.h"

#include <rte_mbuf.h>

#include <cstring>
#include <utility>

#include "dataplane/packet.h"

namespace ringway::control {

using dataplane::KeypairIndex;
using dataplane::kNoKeypair;
using dataplane::PeerIndex;
using dataplane::Request;

namespace {

/// The kernel marks handshake messages AF41.
constexpr std::uint8_t kHandshakeDs = 0x88;

}  // namespace

PacketPlane::PacketPlane(dataplane::Dataplane& plane, crypto::Random& random, dataplane::Counters& counters)
    : plane_(plane),
      random_(random),
      counters_(counters),
      arena_(crypto::SecretPool<crypto::TransportKeys>::arena_bytes(plane.keypairs.size())),
      keys_(arena_, plane.keypairs.size()),
      held_(plane.keypairs.size()),
      sending_(plane.peers.size(), kNoKeypair),
      known_at_(plane.peers.size()),
      posted_(plane.rx_lcores(), 0),
      retiring_of_(plane.peers.size(), 0) {
    free_.reserve(plane.keypairs.size());
    for (std::size_t i = plane.keypairs.size(); i-- > 0;)
        free_.push_back(static_cast<KeypairIndex>(i));
    retiring_.reserve(plane.keypairs.size());
    retiring_indices_.reserve(plane.indices.capacity());
}

PacketPlane::~PacketPlane() = default;

std::optional<crypto::ReceiverIndex> PacketPlane::reserve_index(protocol::PeerId peer) {
    return plane_.indices.reserve(peer, random_);
}

std::optional<protocol::PeerId> PacketPlane::find_index(crypto::ReceiverIndex index) const {
    if (const auto peer = plane_.indices.lookup_handshake(index)) return peer;
    const std::uint32_t keypair = plane_.indices.lookup_session(index);
    if (keypair == dataplane::IndexTable::kNone) return std::nullopt;
    return plane_.keypairs[keypair].peer;
}

void PacketPlane::release_index(crypto::ReceiverIndex index) {
    (void)plane_.indices.unpublish(index);
    retiring_indices_.push_back({index, plane_.rcu.start()});
}

protocol::SessionId PacketPlane::install_session(protocol::PeerId peer, const protocol::NewSession& session,
                                                 crypto::TransportKeys keys) {
    if (free_.empty()) return protocol::kNoSession;
    const KeypairIndex index = free_.back();
    auto slot = keys_.acquire();
    if (!slot) return protocol::kNoSession;
    free_.pop_back();
    *slot = std::move(keys);

    dataplane::Keypair& keypair = plane_.keypairs[index];
    keypair.keys = slot.get();
    keypair.peer = peer;
    keypair.tx = plane_.peers[peer].tx;
    keypair.tunnel = plane_.peers[peer].tunnel;
    keypair.local_index = session.local_index;
    keypair.remote_index = session.remote_index;
    keypair.is_initiator = session.is_initiator;
    keypair.born = session.born;
    keypair.taken.store(0, std::memory_order_relaxed);
    keypair.returned.store(0, std::memory_order_relaxed);
    keypair.confirmed.store(false, std::memory_order_relaxed);
    keypair.aging_told = false;
    keypair.first_free_counter = 0;
    keypair.was_in_place = false;
    keypair.replay = {};
    held_[index] = std::move(slot);
    (void)plane_.indices.publish_session(session.local_index, index);
    return index;
}

void PacketPlane::set_sending(protocol::PeerId peer, protocol::SessionId session) {
    static_assert(protocol::kNoSession == kNoKeypair);
    sending_[peer] = session;
    post({Request::Kind::set_keypair, peer, session});
}

void PacketPlane::retire_session(protocol::PeerId peer, protocol::SessionId session) {
    (void)plane_.indices.unpublish(plane_.keypairs[session].local_index);
    if (sending_[peer] == session) set_sending(peer, protocol::kNoSession);
    ++retiring_of_[peer];
    retiring_.push_back({session, Retiring::Step::leaving_home, posted_[plane_.peers[peer].home], 0});
}

bool PacketPlane::has_endpoint(protocol::PeerId peer) const {
    return plane_.peers[peer].has_endpoint.load(std::memory_order_relaxed);
}

bool PacketPlane::send_to_peer(protocol::PeerId peer_id, std::span<const std::uint8_t> message) {
    dataplane::Peer& peer = plane_.peers[peer_id];
    const dataplane::Endpoint endpoint = peer.endpoint.read();
    if (!endpoint.is_set()) return false;
    submit(peer.tunnel, peer.tx, endpoint, message);
    return true;
}

void PacketPlane::send_to(protocol::TunnelId tunnel, const dataplane::Endpoint& to,
                          std::span<const std::uint8_t> message) {
    submit(static_cast<dataplane::TunnelIndex>(tunnel), 0, to, message);
}

void PacketPlane::submit(dataplane::TunnelIndex tunnel, std::uint16_t tx, const dataplane::Endpoint& to,
                         std::span<const std::uint8_t> message) {
    rte_mbuf* packet = plane_.make_packet();
    if (packet == nullptr) return;
    std::memcpy(rte_pktmbuf_append(packet, static_cast<std::uint16_t>(message.size())), message.data(),
                message.size());
    dataplane::PacketMeta& m = dataplane::meta(packet);
    m.kind = dataplane::PacketKind::message;
    m.tunnel = tunnel;
    m.to = to;
    m.ds = kHandshakeDs;
    counters_.made_here.add();
    if (plane_.tx_lcore(tx).tx->submitted.push(packet)) return;
    counters_.drop(dataplane::DropReason::submit_queue_full);
    rte_pktmbuf_free(packet);
}

void PacketPlane::send_keepalive(protocol::PeerId peer) {
    post({Request::Kind::keepalive, peer, kNoKeypair});
}

void PacketPlane::drop_staged(protocol::PeerId peer) {
    post({Request::Kind::drop_staged, peer, kNoKeypair});
}

void PacketPlane::set_endpoint(protocol::PeerId peer, const dataplane::Endpoint& endpoint) {
    write_endpoint(peer, endpoint);
    note_endpoint(peer, endpoint);
}

void PacketPlane::configure_endpoint(protocol::PeerId peer, const dataplane::Endpoint& endpoint) {
    write_endpoint(peer, endpoint);
    known_at_[peer] = endpoint;
}

void PacketPlane::note_endpoint(protocol::PeerId peer, const dataplane::Endpoint& endpoint) {
    const dataplane::Endpoint before = std::exchange(known_at_[peer], endpoint);
    const bool same = before.remote == endpoint.remote && before.remote_port == endpoint.remote_port;
    if (before.is_set() && !same) observer_->peer_roamed(peer, before, endpoint);
}

void PacketPlane::write_endpoint(protocol::PeerId peer_id, const dataplane::Endpoint& endpoint) {
    dataplane::Peer& peer = plane_.peers[peer_id];
    peer.endpoint.write(endpoint);
    peer.outer_is_v6.store(endpoint.remote.family == dataplane::Family::v6, std::memory_order_relaxed);
    peer.has_endpoint.store(endpoint.is_set(), std::memory_order_relaxed);
}

void PacketPlane::clear_endpoint_source(protocol::PeerId peer) {
    dataplane::Endpoint endpoint = plane_.peers[peer].endpoint.read();
    if (!endpoint.is_set()) return;
    endpoint.local = {};
    endpoint.port = dataplane::kNoPort;
    plane_.peers[peer].endpoint.write(endpoint);
}

protocol::PeerActivity PacketPlane::activity(protocol::PeerId peer_id) const {
    const dataplane::Peer& peer = plane_.peers[peer_id];
    return {.unanswered_since = peer.stamps.unanswered_since.load(std::memory_order_seq_cst),
            .keepalive_owed_since = peer.stamps.keepalive_owed_since.load(std::memory_order_seq_cst),
            .last_traversal = peer.stamps.last_traversal.load(std::memory_order_relaxed),
            .has_staged = peer.staged.any.load(std::memory_order_relaxed)};
}

void PacketPlane::note_authenticated_sent(protocol::PeerId peer, protocol::Nanoseconds now) {
    plane_.peers[peer].stamps.keepalive_owed_since.store(0, std::memory_order_relaxed);
    plane_.peers[peer].stamps.last_traversal.store(now, std::memory_order_relaxed);
}

void PacketPlane::note_authenticated_received(protocol::PeerId peer, protocol::Nanoseconds now) {
    plane_.peers[peer].stamps.unanswered_since.store(0, std::memory_order_relaxed);
    plane_.peers[peer].stamps.last_traversal.store(now, std::memory_order_relaxed);
}

void PacketPlane::set_watched(protocol::PeerId peer, bool watched) {
    // A raised flag keeps the lcores from telling; nothing is queued for it.
    if (watched) {
        (void)plane_.peers[peer].activity_told.raise();
    } else {
        plane_.peers[peer].activity_told.lower();
    }
}

void PacketPlane::post(const Request& request) {
    const std::uint16_t home = plane_.peers[request.peer].home;
    // The ring has a place for every request that can be under way; see RxStage.
    while (!plane_.rx_lcore(home).rx->requests.push(request)) {
    }
    ++posted_[home];
}

bool PacketPlane::advance(Retiring& retiring) {
    dataplane::Keypair& keypair = plane_.keypairs[retiring.keypair];
    switch (retiring.step) {
        case Retiring::Step::leaving_home: {
            const std::uint16_t home = plane_.peers[keypair.peer].home;
            if (plane_.rx_lcore(home).rx->requests_done.get() < retiring.home_requests) return false;
            retiring.token = plane_.rcu.start();
            retiring.step = Retiring::Step::grace;
            return false;
        }
        case Retiring::Step::grace:
            if (!plane_.rcu.passed(retiring.token)) return false;
            retiring.step = Retiring::Step::referenced;
            [[fallthrough]];
        case Retiring::Step::referenced:
            if (keypair.unreferenced()) retiring.step = Retiring::Step::settled;
            return false;
        case Retiring::Step::settled:
            return true;
    }
    return false;
}

void PacketPlane::recycle(KeypairIndex index) {
    held_[index].reset();
    --retiring_of_[plane_.keypairs[index].peer];
    plane_.keypairs[index].keys = nullptr;
    (void)plane_.indices.recycle(plane_.keypairs[index].local_index);
    free_.push_back(index);
}

void PacketPlane::reap() {
    std::size_t kept = 0;
    for (Retiring& retiring : retiring_) {
        if (advance(retiring)) {
            recycle(retiring.keypair);
        } else {
            retiring_[kept++] = retiring;
        }
    }
    retiring_.resize(kept);

    kept = 0;
    for (const RetiringIndex& retiring : retiring_indices_) {
        if (plane_.rcu.passed(retiring.token)) {
            (void)plane_.indices.recycle(retiring.index);
        } else {
            retiring_indices_[kept++] = retiring;
        }
    }
    retiring_indices_.resize(kept);
}

}  // namespace ringway::control
