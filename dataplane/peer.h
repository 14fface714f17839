#pragma once

#include <rte_prefetch.h>

#include <atomic>
#include <cstdint>

#include "dataplane/clock.h"
#include "dataplane/counters.h"
#include "dataplane/endpoint_lock.h"
#include "dataplane/keypair.h"
#include "dataplane/next_hop.h"
#include "dataplane/outer_headers.h"
#include "dataplane/peer_drops.h"
#include "dataplane/ready.h"
#include "dataplane/serial_queue.h"
#include "dataplane/staging.h"

namespace ringway::dataplane {

/// The outer headers towards a peer, as resolved from its endpoint, the routes and the neighbours
/// at one moment. Good while the endpoint and the routing generation are the same. tx lcore only.
struct OuterPath {
    OuterTemplate outer;
    PortIndex port = kNoPort;
    std::uint32_t endpoint_sequence = 1;  ///< odd: never resolved
    std::uint32_t routing_generation = 0;
    Nanoseconds resolved = 0;
};

/// When what passed, for the control side's timers: lcores arm none (architecture.md, Key slots).
/// Written by the peer's tx lcore; the control side may write too when a handshake message passes.
/// A lost race costs a stamp that the next packet sets again.
struct PeerStamps {
    std::atomic<Nanoseconds> unanswered_since{0};      ///< data sent, nothing authentic received since
    std::atomic<Nanoseconds> keepalive_owed_since{0};  ///< data received, nothing sent since
    std::atomic<Nanoseconds> last_traversal{0};
};

/// One peer on the packet path. Lies in the peer table, made once and used again after every
/// reference to its former holder is gone. Hot fields are grouped by who writes them.
struct alignas(128) Peer {
    // control: wo before publication; lcores: ro
    std::uint16_t home = 0;  ///< which rx lcore owns its staging and switches its keypair
    std::uint16_t tx = 0;    ///< which tx lcore drains both of its queues
    /// A peer without endpoint can't be sent to. control and tx lcore: set; rx lcores: ro
    std::atomic<bool> has_endpoint{false};
    /// The endpoint is IPv6: a crypto lcore sums the message for the UDP checksum while it is warm.
    std::atomic<bool> outer_is_v6{false};
    /// Someone told the control side that the peer wants a session; lowered by the control side.
    ReadyFlag session_wanted;
    /// The control side need not be told of activity: it looks by itself. See Plane::set_watched.
    ReadyFlag activity_told;
    /// The control side has been told that the endpoint was written; lowered by the control side.
    ReadyFlag roaming_told;

    SerialQueue outbound;

    // The tx lcore's, so that what sending touches lies in three lines, and what receiving does in three.
    alignas(64) EndpointLock endpoint;
    TunnelIndex tunnel = kNoTunnel;  ///< control: wo before publication; lcores: ro
    OuterPath path;
    PeerStamps stamps;
    Counter tx_packets;
    Counter tx_bytes;
    Counter rx_packets;
    Counter rx_bytes;
    /// What the tx lcore last wrote to `endpoint`, and at which sequence: spares it reading it back.
    Endpoint learned_endpoint;
    std::uint32_t learned_sequence = 1;
    /// In-band messages of the peer in Dataplane::messages: the tx lcore adds, the control side takes away.
    std::atomic<std::uint32_t> messages_waiting{0};

    SerialQueue inbound;

    // the home rx lcore's
    alignas(64) StagedPackets staged;
    /// Packets the home has taken from its staging ring, ever; see SerialState::counter.
    std::uint64_t staged_received = 0;
    /// Packets counted for staging that the staging ring refused; any lcore adds.
    std::atomic<std::uint64_t> staging_lost{0};
    /// The count of arrivals when the present keypair was put in place: where the count goes on when any
    /// lcore finds it expired. Written by the home, read by all.
    std::atomic<std::uint64_t> staged_base{0};

    // any lcore's
    alignas(64) PeerDrops drops;

    /// The tx lcore, a while before it sends to the peer.
    void prefetch_to_send() const {
        rte_prefetch0(&endpoint);
        rte_prefetch0(&path.port);
        rte_prefetch0(&stamps);
    }
    /// The same before it takes from it.
    void prefetch_to_receive() const {
        rte_prefetch0(&endpoint);
        rte_prefetch0(&stamps);
        rte_prefetch0(&learned_endpoint);
    }

    [[nodiscard]] SerialQueue& queue(Direction d) { return d == Direction::outbound ? outbound : inbound; }
    [[nodiscard]] const SerialQueue& queue(Direction d) const {
        return d == Direction::outbound ? outbound : inbound;
    }
};

}  // namespace ringway::dataplane
