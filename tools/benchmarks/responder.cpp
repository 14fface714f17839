#include "tools/benchmarks/responder.h"

#include <algorithm>
#include <stdexcept>

namespace ringway::bench {

std::optional<crypto::ReceiverIndex> EmptyPlane::reserve_index(PeerId peer) {
    if (free_.empty()) return std::nullopt;
    const std::uint32_t index = free_.back();
    free_.pop_back();
    holders_[index] = peer;
    return crypto::ReceiverIndex{crypto::Le32(index)};
}

std::optional<PeerId> EmptyPlane::find_index(crypto::ReceiverIndex index) const {
    return holders_.at(index.value.host());
}

void EmptyPlane::release_index(crypto::ReceiverIndex index) {
    free_.push_back(index.value.host());
}

SessionId EmptyPlane::install_session(PeerId, const control::protocol::NewSession& session,
                                      crypto::TransportKeys keys) {
    (void)keys;  // wiped
    return session.local_index.value.host();
}

bool EmptyPlane::send_to_peer(PeerId, std::span<const std::uint8_t>) {
    ++sent;
    return true;
}

Responder::Responder(const crypto::PrivateKey& key, std::span<const crypto::PublicKey> peers,
                     crypto::X25519Path path)
    : plane_(peers.size()),
      engine_({.max_peers = peers.size(), .max_tunnels = 1, .x25519 = path}, plane_, random_,
              [] { return std::uint64_t{1'700'000'000'000'000'000}; }),
      verdicts_(peers.size()) {
    engine_.add_tunnel(0, key.copy());
    for (std::size_t i = 0; i < peers.size(); ++i) {
        if (!engine_.add_peer(0, static_cast<PeerId>(i), peers[i], {}, 0, 1))
            throw std::runtime_error("a peer was refused");
    }
}

void Responder::answer(std::span<const control::protocol::HandshakeArrival> arrivals, std::size_t together,
                       Nanoseconds now) {
    const std::size_t before = plane_.sent;
    for (std::size_t at = 0; at < arrivals.size(); at += together) {
        const std::size_t count = std::min(together, arrivals.size() - at);
        engine_.on_handshake_messages(arrivals.subspan(at, count), std::span(verdicts_).subspan(at, count),
                                      now);
    }
    if (plane_.sent - before != arrivals.size()) throw std::runtime_error("a handshake was refused");
}

}  // namespace ringway::bench
