#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "control/core/inbox.h"
#include "control/core/packet_plane.h"
#include "control/protocol/engine.h"
#include "crypto/keys.h"
#include "dataplane/dataplane.h"

namespace ringway::control {

using dataplane::PeerIndex;
using dataplane::TunnelIndex;

/// A tunnel as the core needs it: names and host interfaces are the gateway's business.
struct TunnelSpec {
    crypto::PrivateKey private_key;
    std::uint16_t listen_port = 0;
    std::uint16_t mtu = 1420;
    bool through_host = false;
    bool peer_to_peer = true;
    bool dont_fragment = false;
    dataplane::DomainIndex inner_domain = 0;
    dataplane::DomainIndex outer_domain = 0;
    dataplane::HostIndex host = 0;
};

struct PeerSpec {
    crypto::PublicKey public_key;
    crypto::PresharedKey preshared_key;
    std::optional<dataplane::Endpoint> endpoint;
    std::uint16_t persistent_keepalive = 0;
};

/// A configured peer, as the control side remembers it.
struct PeerRecord {
    TunnelIndex tunnel = dataplane::kNoTunnel;
    crypto::PublicKey public_key;
    std::uint16_t persistent_keepalive = 0;
    std::set<dataplane::IpPrefix> allowed_ips;
    bool removing = false;
};

/// Why an in-band message is not sent.
enum class MessageRefusal : std::uint8_t {
    bad_length,   ///< empty, or longer than max_message_bytes()
    no_endpoint,  ///< the peer has never been heard, and none is configured
    queue_full,   ///< the peer's home lcore does not keep up, or memory is short
};

/// The protocol engine and the packet path joined: peers, tunnels and sessions live here. Knows no
/// files, sockets or host interfaces, so that tests run several in one process under virtual time.
/// Control thread. Only the constructor and configuration calls allocate.
class Core {
  public:
    Core(dataplane::Dataplane& plane, crypto::Random& random, protocol::WallClock wall_clock);

    /// From now on `observer` is told of what becomes of peers; it must outlive this.
    void set_observer(protocol::Observer& observer);

    // --- configuration ---

    /// REQUIRES: `tunnel` is free and below the dataplane's max_tunnels.
    void add_tunnel(TunnelIndex tunnel, TunnelSpec spec);
    void set_private_key(TunnelIndex tunnel, crypto::PrivateKey key);
    /// What can change while packets pass: TunnelSpec's fields of these names.
    void set_forwarding(TunnelIndex tunnel, bool through_host, bool peer_to_peer, bool dont_fragment);
    /// The port it listens on and sends from.
    void set_listen_port(TunnelIndex tunnel, std::uint16_t port);
    /// Nothing when the tunnel has that peer, or there are max_peers.
    [[nodiscard]] std::optional<PeerIndex> add_peer(TunnelIndex tunnel, PeerSpec spec);
    /// The same of many, in their order, in a sixth of the time.
    [[nodiscard]] std::vector<std::optional<PeerIndex>> add_peers(TunnelIndex tunnel,
                                                                  std::vector<PeerSpec> specs);
    /// Unpublishes the peer at once; its place is free again once nothing in flight holds it.
    void remove_peer(PeerIndex peer);
    void set_preshared_key(PeerIndex peer, crypto::PresharedKey key);
    void set_persistent_keepalive(PeerIndex peer, std::uint16_t seconds);
    void set_endpoint(PeerIndex peer, const dataplane::Endpoint& endpoint);
    /// Gives the prefix to the peer; another of the tunnel's peers that had it loses it and is returned.
    std::optional<PeerIndex> add_allowed_ip(PeerIndex peer, const dataplane::IpPrefix& prefix);
    /// False if the peer did not have it.
    bool remove_allowed_ip(PeerIndex peer, const dataplane::IpPrefix& prefix);

    [[nodiscard]] std::optional<PeerIndex> find_peer(TunnelIndex tunnel, const crypto::PublicKey& key) const;
    /// Null if there is no such peer.
    [[nodiscard]] const PeerRecord* peer(PeerIndex peer) const;
    [[nodiscard]] std::size_t free_peers() const { return free_.size(); }
    /// In the order of their keys.
    [[nodiscard]] std::vector<PeerIndex> peers_of(TunnelIndex tunnel) const;
    /// Those whose keys follow `after` (nothing: from the first), `limit` at most: a page of a list that
    /// stays right while peers come and go.
    [[nodiscard]] std::vector<PeerIndex> peers_after(TunnelIndex tunnel,
                                                     const std::optional<crypto::PublicKey>& after,
                                                     std::size_t limit) const;
    [[nodiscard]] std::size_t peer_count(TunnelIndex tunnel) const { return by_key_[tunnel].size(); }
    [[nodiscard]] protocol::Engine& engine() { return engine_; }
    [[nodiscard]] const protocol::Engine& engine() const { return engine_; }
    [[nodiscard]] dataplane::Dataplane& dataplane() { return plane_; }
    /// What the control thread itself counted.
    [[nodiscard]] dataplane::Counters& counters() { return counters_; }

    // --- in-band messages (P14) ---

    /// Sends a message in its order among the peer's packets, beginning a handshake if there is no session;
    /// returns its id. As any packet it may be lost, and then nobody is told.
    [[nodiscard]] tl::expected<std::uint64_t, MessageRefusal> send_message(
        PeerIndex peer, std::span<const std::uint8_t> payload);
    [[nodiscard]] std::size_t max_message_bytes(PeerIndex peer) const;
    [[nodiscard]] const Inbox& inbox() const { return inbox_; }

    // --- work ---

    /// One turn: events of the lcores, handshake and in-band messages, timers, and what has come free. True
    /// if there was anything.
    bool turn();

  private:
    /// After every change of what lcores keep in mind: see Dataplane::routing_generation.
    void forget_flows() { plane_.routing_generation.fetch_add(1, std::memory_order_release); }
    enum class Removal : std::uint8_t { none, grace, closing, draining, settling, leaving };
    struct Place {
        std::optional<PeerRecord> record;
        Removal removal = Removal::none;
        dataplane::Rcu::Token token = 0;
    };

    protocol::NewPeer take_place(TunnelIndex tunnel, PeerSpec& spec);
    std::size_t take_events();
    void take_event(const dataplane::Event& event, protocol::Nanoseconds now);
    void note_load(protocol::Nanoseconds now);
    std::size_t take_handshakes();
    std::size_t take_messages();
    void take_message(rte_mbuf* packet);
    void advance_removals();
    [[nodiscard]] bool advance_removal(PeerIndex peer);
    /// Nothing is queued for the peer or holds it, and no tx lcore is to look at it.
    [[nodiscard]] bool is_quiet(PeerIndex peer) const;

    dataplane::Dataplane& plane_;
    dataplane::Counters counters_;
    PacketPlane packet_plane_;
    protocol::Engine engine_;
    std::vector<Place> places_;                                   ///< by PeerIndex
    std::vector<std::map<crypto::PublicKey, PeerIndex>> by_key_;  ///< by TunnelIndex, those not removed
    std::vector<PeerIndex> free_;
    std::vector<PeerIndex> removing_;
    protocol::WallClock wall_clock_;
    Inbox inbox_;
    std::uint64_t last_message_id_ = 0;
};

}  // namespace ringway::control
