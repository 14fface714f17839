#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "crypto/aead_burst.h"
#include "dataplane/bundle_cache.h"
#include "dataplane/clock.h"
#include "dataplane/collected_bundles.h"
#include "dataplane/counters.h"
#include "dataplane/flow_cache.h"
#include "dataplane/histogram.h"
#include "dataplane/host_limits.h"
#include "dataplane/messages.h"
#include "dataplane/open_bundles.h"
#include "dataplane/own_address.h"
#include "dataplane/ring.h"
#include "dataplane/sparse_time.h"
#include "dataplane/staging.h"
#include "dataplane/tunnel_traffic.h"
#include "dataplane/tx_buffer.h"

namespace ringway::dataplane {

class Dataplane;
struct Peer;

/// Which stages a CPU polls, in this order.
struct LcoreRoles {
    bool rx = false;
    bool crypto = false;
    bool tx = false;
};

/// A receive queue of a port, polled by one rx lcore.
struct RxQueue {
    std::uint16_t port;  ///< PortIndex
    std::uint16_t queue;
};

/// A change of a peer's sending keypair that its home lcore could not make yet.
struct KeypairSwitch {
    PeerIndex peer;
    KeypairIndex keypair;
};

/// What an rx lcore holds: its queues, and the staging of the peers it is home to, `peers` at most.
struct RxStage {
    RxStage(std::size_t peers, std::size_t ring_size);

    std::vector<RxQueue> queues;
    /// In-band messages that may wait here to be sent.
    static constexpr std::size_t kMaxMessages = 64;
    Ring<Request> requests;  ///< from the control side
    /// Those of `requests` that hold a packet: the control side adds, the home takes away.
    std::atomic<std::size_t> messages{0};
    Ring<rte_mbuf*> from_host;   ///< plain packets and whole frames from host interfaces
    Ring<rte_mbuf*> to_staging;  ///< packets for peers at home here, found by other lcores
    StagingList staged;
    /// Switches that wait for packets still on their way to staging. Never grows past the peers at home here.
    std::vector<KeypairSwitch> postponed;
    /// Requests taken and served or postponed; the control side reads.
    Counter requests_done;
};

/// What a crypto lcore holds.
struct CryptoStage {
    explicit CryptoStage(const crypto::AeadPolicy& policy) : aead(policy) {}

    /// Taken at a time; their packets go into as many AEAD calls as they need.
    static constexpr std::size_t kMaxBundles = 256;
    crypto::AeadBurst aead;
    std::array<crypto::AeadOperation, crypto::AeadBurst::kMaxOperations> operations;
    std::array<Bundle*, kMaxBundles> bundles;
};

/// One peer's queue of one direction that has something done at its head.
struct Ready {
    PeerIndex peer;
    Direction direction;
};

/// What a tx lcore holds that sends for at most `peers`.
struct TxStage {
    TxStage(std::size_t peers, std::size_t max_tunnels, std::size_t ring_size, Sharing sharing);

    std::uint16_t queue = 0;  ///< our transmit queue on every port
    Ring<Ready> ready;
    Ring<rte_mbuf*> submitted;  ///< frames of the host, handshake messages, resolved packets
    /// Head of `submitted` that its port has no room for. Others only ask whether there is one.
    std::atomic<rte_mbuf*> stuck{nullptr};
    std::vector<TxBuffer> buffers;       ///< by port
    std::vector<TunnelTraffic> traffic;  ///< by tunnel
    std::uint16_t next_ip_id = 0;
    SparseTime time;  ///< of what is released
};

/// A polling CPU: its stages, its counters, its time. Touched by its own thread only, but for rings
/// and counters.
struct alignas(64) Lcore {
    Lcore(Dataplane& dataplane, unsigned number, LcoreRoles roles);

    Dataplane& plane;
    const unsigned number;          ///< its place among the lcores, and its RCU reader id
    Nanoseconds now = 0;            ///< read from the clock once per poll
    std::uint64_t stage_began = 0;  ///< TSC, when the stage that runs began
    const CycleScale cycles;
    /// Fewer packets are free than receive queues and handshakes need; looked at now and then.
    bool memory_short = false;
    BundleCache bundles;
    FlowCache flows;
    std::array<OwnAddress, 2> own;  ///< by Family: where a message came for last
    /// Of this poll: what FlowCache entries must be of. Read before any table.
    std::uint64_t epoch = FlowCache::epoch_of(0, 0);
    // rx lcores, and tx lcores for packets that go from one tunnel into another
    OpenBundles outbound;  ///< by peer
    OpenBundles inbound;   ///< by keypair
    CollectedBundles collected;
    std::unique_ptr<RxStage> rx;
    std::unique_ptr<CryptoStage> crypto;
    std::unique_ptr<TxStage> tx;
    Counters counters;
    LcoreTimes times;

    /// Frees a packet and counts why.
    void drop(rte_mbuf* packet, DropReason reason);
    /// The same for a packet of a peer, which counts it too.
    void drop(rte_mbuf* packet, DropReason reason, Peer& peer);
    /// A bundle that is in no queue yet, with all its packets.
    void drop(Bundle* bundle, DropReason reason);
    /// Hands a packet to a host interface's queue; a full queue is a counted drop.
    void give_to_host(rte_mbuf* packet, std::uint16_t host);
    /// The same of what is addressed to the host itself: more than its class may have is a counted drop.
    void give_to_host(rte_mbuf* packet, std::uint16_t host, HostClass of);
};

/// One turn over the lcore's stages. True if any found work. The thread is an RCU reader and online.
bool poll(Lcore& lcore);

/// Polls until `stop`: the body of an EAL lcore. `adaptive`: back off when idle.
void run(Lcore& lcore, const std::atomic<bool>& stop, bool adaptive);

}  // namespace ringway::dataplane
