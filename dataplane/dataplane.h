#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "dataplane/bundle_pool.h"
#include "dataplane/clock.h"
#include "dataplane/handshake_queue.h"
#include "dataplane/host_limits.h"
#include "dataplane/huge_pages.h"
#include "dataplane/index_table.h"
#include "dataplane/keypair.h"
#include "dataplane/lcore.h"
#include "dataplane/neighbour_table.h"
#include "dataplane/peer.h"
#include "dataplane/port.h"
#include "dataplane/reclaim.h"
#include "dataplane/routing_domain.h"
#include "dataplane/staging.h"
#include "dataplane/tunnel.h"

namespace ringway::dataplane {

/// How much of everything there is; fixed at start-up (P1).
struct DataplaneOptions {
    std::vector<LcoreRoles> lcores;  ///< at least one of each role among them
    std::size_t max_peers = 1000;
    std::size_t max_tunnels = 64;
    std::size_t packets = 16384;       ///< mbufs in the pool
    std::size_t bundles = 4096;        ///< bound of bundles in flight
    std::uint16_t max_mtu = 1500;      ///< largest MTU of any port or tunnel
    std::uint32_t queue_limit = 1024;  ///< packets in one peer's queue of one direction (P7)
    std::size_t host_queue = 1024;     ///< packets that wait for one host interface
    std::size_t host_interfaces = 16;
    std::size_t domains = 4;  ///< network namespaces
    std::size_t neighbours = 4096;
    HostLimits host_limits;   ///< of each host interface
    crypto::AeadPolicy aead;  ///< of the crypto lcores
};

/// Packets on their way to one host interface; the I/O thread takes them out.
struct HostQueue {
    HostQueue(std::size_t size, const HostLimits& limits)
        : packets(size, RingUsers::many, RingUsers::one), buckets(limits) {}
    Ring<rte_mbuf*> packets;
    HostBuckets buckets;  ///< in front of it, for what is addressed to the host itself
};

/// Everything the packet path works on: the one context object. Made by the control side before
/// any lcore runs; what changes later says who writes it.
class Dataplane {
  public:
    /// REQUIRES: EAL is up. Throws std::runtime_error or std::bad_alloc.
    Dataplane(const DataplaneOptions& options, const Clock& clock);
    /// REQUIRES: no lcore runs.
    ~Dataplane();
    Dataplane(const Dataplane&) = delete;
    Dataplane& operator=(const Dataplane&) = delete;

    /// Before lcores run: opens a port, numbers it, spreads its receive queues over the rx lcores.
    PortIndex add_port(const PortOptions& options);
    [[nodiscard]] std::size_t tx_lcores() const { return tx_lcores_.size(); }
    [[nodiscard]] std::size_t rx_lcores() const { return rx_lcores_.size(); }
    [[nodiscard]] std::size_t crypto_lcores() const { return crypto_lcores_; }
    [[nodiscard]] Lcore& rx_lcore(std::size_t ordinal) { return *rx_lcores_[ordinal]; }
    [[nodiscard]] Lcore& tx_lcore(std::size_t ordinal) { return *tx_lcores_[ordinal]; }
    /// The lcore that submits to a port for the host and the control side.
    [[nodiscard]] Lcore& submitter(PortIndex port) { return *tx_lcores_[port % tx_lcores_.size()]; }

    [[nodiscard]] rte_mempool* packets() const { return packets_.get(); }
    /// A packet with headroom and no data, or null. Any thread.
    [[nodiscard]] rte_mbuf* make_packet() const;

    /// Bundles that hold packets. Any thread.
    [[nodiscard]] std::size_t bundles_in_use() const;
    /// Packets that entered and have not left, counted place by place. Exact while nothing polls.
    [[nodiscard]] std::size_t in_flight() const;

    const DataplaneOptions options;
    const Clock& clock;
    const Sharing sharing;  ///< among lcores
    Rcu rcu;
    Reclaimer reclaimer;
    BundlePool bundles;
    IndexTable indices;
    NeighbourTable neighbours;
    WaitingBudget waiting;
    Table<Keypair> keypairs;
    Table<Peer> peers;
    std::vector<std::unique_ptr<Tunnel>> tunnels;         ///< by TunnelIndex; control: wo
    std::vector<std::unique_ptr<RoutingDomain>> domains;  ///< by DomainIndex
    std::vector<std::unique_ptr<Port>> ports;             ///< by PortIndex
    std::vector<std::unique_ptr<HostQueue>> hosts;        ///< by HostIndex
    std::vector<std::unique_ptr<Lcore>> lcores;
    Ring<Bundle*> crypto;        ///< the device-wide parallel queue (P4)
    Ring<Event> events;          ///< to the control side
    HandshakeQueue handshakes;   ///< messages of types 1 to 3, to the control side
    Ring<rte_mbuf*> messages;    ///< in-band messages of peers, to the control side
    Ring<rte_mbuf*> unresolved;  ///< packets whose next hop is not known yet, to the control side
    /// Raised by the control side after every change of routes, neighbours, allowed IPs or a tunnel's
    /// forwarding, and before the grace period that ends what was taken away: cached paths and flows are
    /// stale.
    std::atomic<std::uint32_t> routing_generation{0};
    /// Raised by the control side before it stops: rx lcores leave their ports alone, and what is under
    /// way goes out.
    std::atomic<bool> draining{false};
    /// Packets that the control side holds (neighbour queues); it keeps the count.
    std::atomic<std::size_t> held_by_control{0};

  private:
    struct FreePool {
        void operator()(rte_mempool* pool) const;
    };
    std::unique_ptr<rte_mempool, FreePool> packets_;
    std::vector<Lcore*> rx_lcores_;
    std::vector<Lcore*> tx_lcores_;
    std::size_t crypto_lcores_ = 0;
    std::size_t next_rx_ = 0;
};

}  // namespace ringway::dataplane
