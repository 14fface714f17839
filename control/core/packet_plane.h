#pragma once

#include <cstdint>
#include <vector>

#include "control/protocol/observer.h"
#include "control/protocol/plane.h"
#include "crypto/secret_pool.h"
#include "dataplane/counters.h"
#include "dataplane/dataplane.h"

namespace ringway::control {

/// The protocol engine's plane over the real packet path. SessionIds are keypair indices, PeerIds and
/// TunnelIds are the dataplane's. Control thread. Allocates at construction only.
class PacketPlane final : public protocol::Plane {
  public:
    /// Throws std::bad_alloc, or std::system_error when the keys' memory can't be locked.
    PacketPlane(dataplane::Dataplane& plane, crypto::Random& random, dataplane::Counters& counters);
    ~PacketPlane() override;

    [[nodiscard]] std::optional<crypto::ReceiverIndex> reserve_index(protocol::PeerId peer) override;
    [[nodiscard]] std::optional<protocol::PeerId> find_index(crypto::ReceiverIndex index) const override;
    void release_index(crypto::ReceiverIndex index) override;
    [[nodiscard]] protocol::SessionId install_session(protocol::PeerId peer,
                                                      const protocol::NewSession& session,
                                                      crypto::TransportKeys keys) override;
    void set_sending(protocol::PeerId peer, protocol::SessionId session) override;
    void retire_session(protocol::PeerId peer, protocol::SessionId session) override;
    [[nodiscard]] bool has_endpoint(protocol::PeerId peer) const override;
    bool send_to_peer(protocol::PeerId peer, std::span<const std::uint8_t> message) override;
    void send_to(protocol::TunnelId tunnel, const dataplane::Endpoint& to,
                 std::span<const std::uint8_t> message) override;
    void send_keepalive(protocol::PeerId peer) override;
    void drop_staged(protocol::PeerId peer) override;
    void set_endpoint(protocol::PeerId peer, const dataplane::Endpoint& endpoint) override;
    void clear_endpoint_source(protocol::PeerId peer) override;
    [[nodiscard]] protocol::PeerActivity activity(protocol::PeerId peer) const override;
    void note_authenticated_sent(protocol::PeerId peer, protocol::Nanoseconds now) override;
    void note_authenticated_received(protocol::PeerId peer, protocol::Nanoseconds now) override;
    void set_watched(protocol::PeerId peer, bool watched) override;

    /// The operator says where the peer is: no roaming.
    void configure_endpoint(protocol::PeerId peer, const dataplane::Endpoint& endpoint);
    /// The peer's endpoint has become this; tells the observer if the peer has roamed with it.
    void note_endpoint(protocol::PeerId peer, const dataplane::Endpoint& endpoint);
    void set_observer(protocol::Observer& observer) { observer_ = &observer; }

    /// Posts a request to the peer's home lcore.
    void post(const dataplane::Request& request);
    /// Frees the keypairs and indices that nothing holds any more. Once a turn, after the turn's events.
    void reap();
    /// A keypair of the peer is still on its way out: it holds a reference to the peer.
    [[nodiscard]] bool has_retiring(protocol::PeerId peer) const { return retiring_of_[peer] != 0; }

  private:
    /// A keypair on its way out; the steps of architecture.md, Lifetime.
    struct Retiring {
        enum class Step : std::uint8_t {
            leaving_home,  ///< its home lcore has not yet taken it from the serial word
            grace,         ///< lcores may still be looking at it
            referenced,    ///< bundles in flight hold it
            settled,       ///< events about it are out of their ring after this turn
        };
        dataplane::KeypairIndex keypair;
        Step step;
        std::uint64_t home_requests;  ///< requests that its home must have served
        dataplane::Rcu::Token token;
    };
    struct RetiringIndex {
        crypto::ReceiverIndex index;
        dataplane::Rcu::Token token;
    };

    /// True when the keypair is free.
    [[nodiscard]] bool advance(Retiring& retiring);
    void recycle(dataplane::KeypairIndex keypair);
    void submit(dataplane::TunnelIndex tunnel, std::uint16_t tx, const dataplane::Endpoint& to,
                std::span<const std::uint8_t> message);

    void write_endpoint(protocol::PeerId peer, const dataplane::Endpoint& endpoint);

    dataplane::Dataplane& plane_;
    protocol::Observer quiet_;
    protocol::Observer* observer_ = &quiet_;
    crypto::Random& random_;
    dataplane::Counters& counters_;
    crypto::SecretArena arena_;
    crypto::SecretPool<crypto::TransportKeys> keys_;
    std::vector<crypto::SecretPool<crypto::TransportKeys>::Pointer> held_;  ///< by keypair
    std::vector<dataplane::KeypairIndex> free_;
    std::vector<dataplane::KeypairIndex> sending_;  ///< by peer: what its home was last told
    std::vector<dataplane::Endpoint> known_at_;     ///< by peer: the endpoint that was last told
    std::vector<std::uint64_t> posted_;             ///< by rx lcore
    std::vector<Retiring> retiring_;
    std::vector<std::uint32_t> retiring_of_;  ///< by peer: how many of them are its
    std::vector<RetiringIndex> retiring_indices_;
};

}  // namespace ringway::control
