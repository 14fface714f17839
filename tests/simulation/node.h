#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>

#include "control/protocol/engine.h"
#include "crypto/keys.h"
#include "tests/simulation/agenda.h"
#include "tests/simulation/chance.h"
#include "tests/simulation/node_clock.h"
#include "tests/simulation/path.h"
#include "tests/simulation/referee.h"

namespace ringway::simulation {

/// What a node is told of another one.
struct PeerSettings {
    crypto::PublicKey public_key;
    std::uint64_t preshared_key = 0;  ///< stretched to a key; 0: none
    std::uint16_t persistent_keepalive = 0;
    bool endpoint_known = true;
};

/// Where a node's packets go, and where those it accepts.
class NodeSurroundings {
  public:
    virtual ~NodeSurroundings() = default;
    virtual void transmit_from(NodeNumber node, const dataplane::Endpoint& to, Bytes bytes) = 0;
    /// `node` took a message of `from`'s for authentic and new, that was sent at `sent`.
    virtual void heard_at(NodeNumber node, NodeNumber from, WorldTime sent) = 0;
    virtual void delivered_at(NodeNumber node, NodeNumber from, const Inner& packet) = 0;
    [[nodiscard]] virtual dataplane::Endpoint address_of(NodeNumber node) const = 0;
};

/// A gateway or a client: the real engine over a Path. Its configuration survives a crash, and so does the
/// bound on its timestamps; nothing else does.
class Node final : private Surroundings {
  public:
    Node(NodeNumber number, std::uint64_t seed, Sabotage sabotage, Agenda& agenda, Referee& referee,
         NodeSurroundings& around);

    [[nodiscard]] NodeNumber number() const { return number_; }
    [[nodiscard]] const crypto::PublicKey& public_key() const { return public_key_; }
    [[nodiscard]] bool is_up() const { return life_ != nullptr; }

    // Life.
    void start();
    void crash();
    /// It does nothing for so long; what comes waits or is lost.
    void freeze(WorldTime duration);
    void jump_clock(Nanoseconds ahead);
    void jump_wall(std::int64_t by) { clock_.jump_wall(by); }
    void set_loaded(bool loaded) { loaded_ = loaded; }
    void thaw() { frozen_until_ = 0; }

    // Configuration, which a running engine is told of.
    void set_peer(NodeNumber other, const PeerSettings& settings);
    void remove_peer(NodeNumber other);
    void set_preshared_key(NodeNumber other, std::uint64_t preshared_key);
    void set_keepalive(NodeNumber other, std::uint16_t seconds);
    void allow(NodeNumber source, NodeNumber other);
    void disallow(NodeNumber source);
    void change_key();
    [[nodiscard]] bool knows(NodeNumber other) const { return peers_.contains(other); }
    [[nodiscard]] const PeerSettings& settings(NodeNumber other) const { return peers_.at(other); }
    /// Whether packets of `source` may come from `other`, by what is configured now.
    [[nodiscard]] bool allows(NodeNumber source, NodeNumber other) const;

    // Packets.
    void send(NodeNumber other, const Inner& packet);
    void receive(const dataplane::Endpoint& from, Bytes bytes, WorldTime sent);

    /// Serves timers.
    void look();
    /// The rules that hold once timers are served. Throws Violation.
    void check() const;
    [[nodiscard]] std::size_t secrets() const {
        return life_ ? life_->path.sessions() + life_->path.handshakes() : 0;
    }

  private:
    struct Life {
        Life(const Path::Options& options, Node& node);
        NodeRandom random;
        Path path;
        control::protocol::Engine engine;
        std::map<NodeNumber, PeerId> places;
        std::uint64_t wake_planned = 0;  ///< the agenda's time of the next planned look, 0: none
    };

    void transmit(const dataplane::Endpoint& to, Bytes bytes) override;
    void heard(NodeNumber from) override { around_.heard_at(number_, from, heard_sent_); }
    void delivered(NodeNumber from, const Inner& packet) override;
    void engine_was_told() override { plan_wake(); }

    [[nodiscard]] Nanoseconds now() const { return clock_.monotonic(agenda_.now()); }
    void add_to_engine(NodeNumber other, const PeerSettings& settings);
    [[nodiscard]] std::optional<PeerId> place_of(NodeNumber other) const;
    [[nodiscard]] PeerId free_place() const;
    void make_key();
    void plan_wake();
    [[nodiscard]] bool is_frozen() const { return agenda_.now() < frozen_until_; }

    const NodeNumber number_;
    const Sabotage sabotage_;
    Agenda& agenda_;
    Referee& referee_;
    NodeSurroundings& around_;
    Chance chance_;
    NodeClock clock_;
    crypto::PrivateKey private_key_;
    crypto::PublicKey public_key_;
    std::map<NodeNumber, PeerSettings> peers_;
    std::map<NodeNumber, NodeNumber> allowed_;  ///< by source
    crypto::Tai64n kept_timestamp_;
    WorldTime frozen_until_ = 0;
    WorldTime heard_sent_ = 0;  ///< when the message that is being received was sent
    bool loaded_ = false;
    std::unique_ptr<Life> life_;
};

}  // namespace ringway::simulation
