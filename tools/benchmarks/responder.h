#pragma once

// The handshake service as responder: a protocol engine over a packet path that does nothing.

#include <cstdint>
#include <span>
#include <vector>

#include "control/protocol/engine.h"

namespace ringway::bench {

using control::protocol::Nanoseconds;
using control::protocol::PeerId;
using control::protocol::SessionId;
using control::protocol::TunnelId;

/// Keeps what it must to give indices and sessions their places.
class EmptyPlane final : public control::protocol::Plane {
  public:
    explicit EmptyPlane(std::size_t max_peers) : holders_(4 * max_peers) {
        for (std::size_t i = 0; i < holders_.size(); ++i)
            free_.push_back(static_cast<std::uint32_t>(i));
    }

    std::optional<crypto::ReceiverIndex> reserve_index(PeerId peer) override;
    std::optional<PeerId> find_index(crypto::ReceiverIndex index) const override;
    void release_index(crypto::ReceiverIndex index) override;
    SessionId install_session(PeerId, const control::protocol::NewSession& session,
                              crypto::TransportKeys keys) override;
    void set_sending(PeerId, SessionId) override {}
    void retire_session(PeerId, SessionId session) override { free_.push_back(session); }
    bool has_endpoint(PeerId) const override { return true; }
    bool send_to_peer(PeerId, std::span<const std::uint8_t>) override;
    void send_to(TunnelId, const dataplane::Endpoint&, std::span<const std::uint8_t>) override {}
    void send_keepalive(PeerId) override {}
    void drop_staged(PeerId) override {}
    void set_endpoint(PeerId, const dataplane::Endpoint&) override {}
    void clear_endpoint_source(PeerId) override {}
    control::protocol::PeerActivity activity(PeerId) const override { return {}; }
    void note_authenticated_sent(PeerId, Nanoseconds) override {}
    void note_authenticated_received(PeerId, Nanoseconds) override {}
    void set_watched(PeerId, bool) override {}

    std::size_t sent = 0;

  private:
    std::vector<PeerId> holders_;
    std::vector<std::uint32_t> free_;
};

/// Peers that begin handshakes, and engines that answer them.
class Responder {
  public:
    Responder(const crypto::PrivateKey& key, std::span<const crypto::PublicKey> peers,
              crypto::X25519Path path);

    /// Answers all, `together` at a time. Throws std::runtime_error if one is refused.
    void answer(std::span<const control::protocol::HandshakeArrival> arrivals, std::size_t together,
                Nanoseconds now);

  private:
    crypto::SystemRandom random_;
    EmptyPlane plane_;
    control::protocol::Engine engine_;
    std::vector<control::protocol::Verdict> verdicts_;
};

}  // namespace ringway::bench
