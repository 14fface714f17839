#pragma once

// Gateways as objects in one process: real engines over planes made of plain containers, joined by a
// wire in virtual time that loses, repeats and reorders as told.

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <queue>
#include <vector>

#include "control/protocol/durations.h"
#include "control/protocol/engine.h"
#include "tests/control/protocol/seeded_random.h"

namespace ringway::control::protocol::test {

using namespace std::chrono_literals;

class Network;
class Gateway;

using Bytes = std::vector<std::uint8_t>;

/// A datagram on the wire.
struct Datagram {
    dataplane::Endpoint from, to;  ///< only the remote halves count
    Bytes bytes;

    [[nodiscard]] crypto::MessageType type() const { return static_cast<crypto::MessageType>(bytes.at(0)); }
};

/// Something a gateway sent, for tests to look at afterwards.
struct Sent {
    Nanoseconds at;
    crypto::MessageType type;
    Bytes bytes;
    bool is_keepalive = false;
};

/// The packet path of one gateway. Transport messages carry, in place of ciphertext, the key they
/// would be sealed with, so that only the session that shares it opens them.
class FakePlane final : public Plane {
  public:
    struct PathSession {
        PeerId peer;
        NewSession about;
        crypto::TransportKeys keys;
        bool confirmed = false;
        bool was_set = false;  ///< for sending
    };
    struct PathPeer {
        TunnelId tunnel = 0;
        dataplane::Endpoint endpoint;
        PeerActivity activity;
        bool watched = false;
        SessionId sending = kNoSession;
        std::vector<std::uint8_t> staged;  ///< payload marks, in order
        std::size_t staged_dropped = 0;
        std::size_t data_received = 0;
        std::size_t keepalives_received = 0;
        std::vector<std::uint8_t> marks_received;
        std::vector<Nanoseconds> source_cleared;
        std::vector<SessionId> retired;
    };

    FakePlane(Network& network, Gateway& gateway, std::uint64_t seed)
        : network_(network), gateway_(gateway), random_(seed) {}

    /// The packet path's own doing: a data packet for the peer.
    void send_data(PeerId peer, std::uint8_t mark = 1);
    /// A transport message from the wire.
    void receive_transport(const Datagram& datagram);

    PathPeer& at(PeerId peer) { return peers_[peer]; }
    [[nodiscard]] std::size_t handshake_indices() const { return handshakes_.size(); }
    [[nodiscard]] std::size_t session_count() const { return sessions_.size(); }
    [[nodiscard]] const PathSession& session(SessionId id) const { return sessions_.at(id); }
    std::size_t index_limit = 1'000'000;
    std::size_t session_limit = 1'000'000;
    std::function<void()> before_unwatch = [] {};
    bool stamps_lag = false;  ///< what is sent does not show in the stamps
    std::vector<Sent> sent;

    // Plane.
    std::optional<crypto::ReceiverIndex> reserve_index(PeerId peer) override;
    std::optional<PeerId> find_index(crypto::ReceiverIndex index) const override;
    void release_index(crypto::ReceiverIndex index) override;
    SessionId install_session(PeerId peer, const NewSession& session, crypto::TransportKeys keys) override;
    void set_sending(PeerId peer, SessionId session) override;
    void retire_session(PeerId peer, SessionId session) override;
    bool has_endpoint(PeerId peer) const override;
    bool send_to_peer(PeerId peer, std::span<const std::uint8_t> message) override;
    void send_to(TunnelId tunnel, const dataplane::Endpoint& to,
                 std::span<const std::uint8_t> message) override;
    void send_keepalive(PeerId peer) override;
    void drop_staged(PeerId peer) override;
    void set_endpoint(PeerId peer, const dataplane::Endpoint& endpoint) override;
    void clear_endpoint_source(PeerId peer) override;
    PeerActivity activity(PeerId peer) const override;
    void note_authenticated_sent(PeerId peer, Nanoseconds now) override;
    void note_authenticated_received(PeerId peer, Nanoseconds now) override;
    void set_watched(PeerId peer, bool watched) override;

  private:
    void transmit(TunnelId from, const dataplane::Endpoint& to, Bytes bytes, bool is_keepalive = false);
    void seal_and_send(PeerId peer, SessionId session, std::uint8_t mark);
    void touch(PeerId peer, const PeerActivity& before);

    Network& network_;
    Gateway& gateway_;
    SeededRandom random_;
    std::map<PeerId, PathPeer> peers_;
    std::map<SessionId, PathSession> sessions_;
    std::map<std::uint32_t, SessionId> session_by_index_;
    std::map<std::uint32_t, PeerId> handshakes_;
    SessionId next_session_ = 0;
};

/// One gateway on the wire, with one tunnel (0) unless a test adds more. Tunnel n listens n ports above
/// `address`.
class Gateway {
  public:
    Gateway(Network& network, std::uint8_t number, const EngineLimits& limits);

    /// Configures `other` as a peer of tunnel 0. Its endpoint is known only if asked for.
    PeerId add_peer(Gateway& other, bool endpoint = true, crypto::PresharedKey preshared_key = {});
    /// Hands a message to the engine as the packet path would.
    Verdict receive(const Bytes& bytes, const dataplane::Endpoint& from, TunnelId tunnel = 0);
    [[nodiscard]] dataplane::Endpoint tunnel_address(TunnelId tunnel) const;

    [[nodiscard]] std::size_t count(Verdict verdict) const {
        return verdicts[static_cast<std::size_t>(verdict)];
    }
    [[nodiscard]] std::size_t count_sent(crypto::MessageType type) const;
    [[nodiscard]] std::size_t keepalives_sent() const;
    [[nodiscard]] Bytes last_sent(crypto::MessageType type) const;
    [[nodiscard]] PeerStatus status(PeerId peer = 0) const { return engine.status(peer).value(); }
    [[nodiscard]] const crypto::PublicKey& public_key() const { return engine.identity(0)->public_key; }
    [[nodiscard]] Nanoseconds now() const;

    Network& network;
    dataplane::Endpoint address;
    std::int64_t wall_offset = 0;  ///< how far this gateway's wall clock is off
    SeededRandom random;
    FakePlane plane;
    Engine engine;
    std::array<std::size_t, kVerdicts> verdicts{};
    std::size_t queue_depth = 0;  ///< what the engine is told of its queue

  private:
    PeerId next_peer_ = 0;
};

class Network {
  public:
    explicit Network(std::uint64_t seed_number = 1) : seed(seed_number), random_(seed_number) {}

    Gateway& add_gateway(const EngineLimits& limits = {.max_peers = 2000, .max_tunnels = 4});
    /// Of a network of two.
    [[nodiscard]] Gateway& other_than(const Gateway& gateway) {
        return gateways_[0].get() == &gateway ? *gateways_[1] : *gateways_[0];
    }
    /// Runs everything that happens up to `duration` from now.
    void run(std::chrono::nanoseconds duration);
    /// Calls `action` at a time from now on.
    void at(std::chrono::nanoseconds delay, std::function<void()> action);
    void transmit(const Datagram& datagram);
    [[nodiscard]] Nanoseconds now() const { return now_; }

    const std::uint64_t seed;
    std::chrono::nanoseconds latency = 10ms;
    std::chrono::nanoseconds jitter = 0ns;  ///< up to this much more, so that datagrams overtake
    double loss = 0;
    double duplication = 0;
    /// Datagrams it refuses are lost.
    std::function<bool(const Datagram&)> passes = [](const Datagram&) { return true; };

  private:
    struct Event {
        Nanoseconds at;
        std::uint64_t order;
        std::function<void()> action;
        bool operator>(const Event& other) const {
            return at != other.at ? at > other.at : order > other.order;
        }
    };
    void deliver(const Datagram& datagram);
    [[nodiscard]] double chance() { return std::uniform_real_distribution<>()(random_); }

    std::mt19937_64 random_;
    Nanoseconds now_ = ns(1h);
    std::uint64_t order_ = 0;
    std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
    std::vector<std::unique_ptr<Gateway>> gateways_;
};

/// Two gateways that know each other, as peer 0 each; `a` has the smaller public key.
struct Pair {
    explicit Pair(std::uint64_t seed = 1);

    void handshake();  ///< a begins; both have a confirmed session after it

    Network network;
    Gateway& a;
    Gateway& b;
};

/// An initiation as somebody with that key would send it.
Bytes make_initiation(const crypto::LocalIdentity& from, const crypto::PublicKey& to,
                      const crypto::Tai64n& timestamp, crypto::Random& random);
crypto::PrivateKey make_private_key(crypto::Random& random);

}  // namespace ringway::control::protocol::test
