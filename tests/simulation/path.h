#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "control/protocol/engine.h"
#include "control/protocol/plane.h"
#include "dataplane/replay_window.h"
#include "tests/simulation/agenda.h"
#include "tests/simulation/chance.h"
#include "tests/simulation/node_clock.h"
#include "tests/simulation/referee.h"
#include "tests/simulation/sabotage.h"

namespace ringway::simulation {

using control::protocol::PeerId;
using control::protocol::SessionId;
using control::protocol::TunnelId;
using Bytes = std::vector<std::uint8_t>;

/// An inner packet: the network it says it comes from, each node's being its number, and which it is.
struct Inner {
    NodeNumber source = kNobody;
    std::uint64_t id = 0;
};

/// What a path needs of the world around it.
class Surroundings {
  public:
    virtual ~Surroundings() = default;
    virtual void transmit(const dataplane::Endpoint& to, Bytes bytes) = 0;
    /// A message of the peer's was authentic and new.
    virtual void heard(NodeNumber from) = 0;
    /// An inner packet has passed every check.
    virtual void delivered(NodeNumber from, const Inner& packet) = 0;
    /// The engine was told of something, which may have armed a timer.
    virtual void engine_was_told() = 0;
};

/// A packet path without packets' weight: real keys, seals, counters and replay windows, plain containers for
/// the rest. What the control side and the lcores tell each other arrives a little later, in order.
class Path final : public control::protocol::Plane {
  public:
    struct Options {
        NodeNumber node = 0;
        std::uint64_t seed = 0;
        Sabotage sabotage = Sabotage::none;
    };
    Path(const Options& options, Agenda& agenda, const NodeClock& clock, Referee& referee,
         Surroundings& surroundings);

    /// REQUIRES: before anything happens; `engine` outlives this.
    void set_engine(control::protocol::Engine& engine) { engine_ = &engine; }

    // Configuration.
    void add_peer(PeerId peer, NodeNumber node, const dataplane::Endpoint& endpoint);
    /// Once the engine has removed it: its place is free when has_peer() says so.
    void remove_peer(PeerId peer);
    [[nodiscard]] bool has_peer(PeerId peer) const { return peers_.contains(peer); }
    void allow(NodeNumber source, PeerId peer) { allowed_[source] = peer; }
    void disallow(NodeNumber source) { allowed_.erase(source); }

    /// A packet for the peer.
    void send(PeerId peer, const Inner& packet);
    /// A transport message from the wire.
    void receive(const dataplane::Endpoint& from, std::span<const std::uint8_t> message);

    /// Rules 'secrets end' and 'bounded'. After the engine has done what is due.
    void check() const;
    [[nodiscard]] std::size_t sessions() const { return sessions_.size(); }
    [[nodiscard]] std::size_t handshakes() const { return handshakes_.size(); }

    // Plane.
    std::optional<crypto::ReceiverIndex> reserve_index(PeerId peer) override;
    std::optional<PeerId> find_index(crypto::ReceiverIndex index) const override;
    void release_index(crypto::ReceiverIndex index) override;
    SessionId install_session(PeerId peer, const control::protocol::NewSession& session,
                              crypto::TransportKeys keys) override;
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
    control::protocol::PeerActivity activity(PeerId peer) const override;
    void note_authenticated_sent(PeerId peer, Nanoseconds now) override;
    void note_authenticated_received(PeerId peer, Nanoseconds now) override;
    void set_watched(PeerId peer, bool watched) override;

  private:
    struct Session {
        PeerId peer;
        control::protocol::NewSession about;
        crypto::TransportKeys keys;
        std::uint64_t next_counter = 0;
        bool confirmed = false;
        bool was_in_place = false;
        bool aging_told = false;
        WorldTime ends_by = 0;  ///< the lcores have been told to forget it; 0: not yet
        dataplane::ReplayWindow replay;
    };
    struct Peer {
        NodeNumber node;
        dataplane::Endpoint endpoint;
        control::protocol::PeerActivity activity;
        bool watched = false;
        SessionId sending = control::protocol::kNoSession;
        std::deque<Inner> staged;
    };
    struct Reserved {
        PeerId peer;
        Nanoseconds since;
    };
    /// Messages one way between the control side and the lcores: late, and in their order.
    struct Channel {
        WorldTime last = 0;
    };

    [[nodiscard]] Nanoseconds now() const { return clock_.monotonic(agenda_.now()); }
    void later(Channel& channel, std::function<void()> action);
    void tell_engine(std::function<void(control::protocol::Engine&)> event);
    [[nodiscard]] bool is_expired(const Session& session) const;
    void put_in_place(PeerId peer, SessionId session);
    void stage(PeerId id, Peer& peer, const Inner& packet);
    /// Nothing: a keepalive.
    void seal(PeerId id, Peer& peer, Session& session, const std::optional<Inner>& packet);
    void take(PeerId id, Peer& peer, std::span<const std::uint8_t> plaintext);
    void touch(PeerId id, const control::protocol::PeerActivity& before);
    void note_received(PeerId id, Peer& peer, SessionId session_id, bool is_data);
    [[nodiscard]] std::size_t sessions_of(PeerId peer) const;

    const Options options_;
    Agenda& agenda_;
    const NodeClock& clock_;
    Referee& referee_;
    Surroundings& surroundings_;
    control::protocol::Engine* engine_ = nullptr;
    Chance chance_;
    Channel to_lcores_;
    Channel to_control_;
    /// What is planned looks whether this is still there.
    std::shared_ptr<char> life_ = std::make_shared<char>();

    std::map<PeerId, Peer> peers_;
    std::map<SessionId, Session> sessions_;
    std::map<std::uint32_t, SessionId> session_at_;  ///< by receiver index
    std::map<std::uint32_t, Reserved> handshakes_;   ///< by receiver index
    std::map<NodeNumber, PeerId> allowed_;           ///< by inner source
    SessionId next_session_ = 0;
};

}  // namespace ringway::simulation
