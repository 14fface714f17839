#pragma once

// A whole gateway but for files, sockets and host interfaces, as an object in a test: the packet path
// and the protocol over devices in memory, a clock and randomness that the test owns. The test polls
// it step by step, or hands its lcores to threads.

#include <rte_mbuf.h>
#include <sys/types.h>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "control/core/core.h"
#include "dataplane/accounting.h"
#include "dataplane/dataplane.h"
#include "tests/support/packets.h"
#include "tests/support/ring_device.h"
#include "tests/support/seeded_random.h"

namespace ringway::tests {

using dataplane::DropReason;
using dataplane::Family;
using dataplane::PeerIndex;
using dataplane::PortIndex;

/// How a TestGateway is made. Its number gives it its addresses: see TestGateway.
struct GatewayOptions {
    unsigned number = 1;  ///< 1 to 99
    std::vector<dataplane::LcoreRoles> lcores{{.rx = true, .crypto = true, .tx = true}};
    std::uint16_t rx_queues = 1;
    unsigned rx_ring = 1024;
    unsigned lan_tx_ring = 1024;
    unsigned wan_tx_ring = 1024;
    std::size_t packets = 4096;
    std::size_t bundles = 512;
    std::size_t max_peers = 8;
    std::uint32_t queue_limit = 1024;
    std::size_t host_queue = 512;
    dataplane::HostLimits host_limits;  ///< none
};

/// A peer as a test configures it.
struct PeerOptions {
    std::optional<Family> endpoint = Family::v4;  ///< nothing: it has to call first
    bool preshared_key = false;
    std::uint16_t persistent_keepalive = 0;
};

/// Gateway n: 10.0.0.n and fd00::n on the port kWan, where it listens on 51820; 192.168.n.1 and
/// fd00:n::1 on the port kLan, behind which host 192.168.n.2, fd00:n::2 lives. One thread, except as
/// said at LcoreThreads.
class TestGateway {
  public:
    static constexpr PortIndex kWan = 0;
    static constexpr PortIndex kLan = 1;
    static constexpr dataplane::TunnelIndex kTunnel = 0;
    static constexpr dataplane::HostIndex kTunnelHost = 2;  ///< the ports' are their indices
    static constexpr dataplane::HostIndex kSpareHost = 3;   ///< for a second tunnel that a test adds
    static constexpr std::uint16_t kListenPort = 51820;

    TestGateway(const dataplane::Clock& clock, const GatewayOptions& options);
    ~TestGateway();
    TestGateway(const TestGateway&) = delete;
    TestGateway& operator=(const TestGateway&) = delete;

    [[nodiscard]] unsigned number() const { return options_.number; }
    [[nodiscard]] dataplane::IpAddress wan(Family family) const;
    [[nodiscard]] dataplane::IpAddress lan(Family family) const;
    /// The host behind the plain port.
    [[nodiscard]] dataplane::IpAddress host(Family family) const;
    [[nodiscard]] dataplane::MacAddress mac(PortIndex port) const;
    [[nodiscard]] dataplane::MacAddress host_mac() const;

    // --- configuration ---

    /// Makes `other` a peer whose allowed IPs are its LAN, and routes that into the tunnel.
    PeerIndex add_peer(const TestGateway& other, const PeerOptions& options = {});
    [[nodiscard]] PeerIndex peer(const TestGateway& other) const;
    void route(const std::string& prefix, const dataplane::NextHop& hop);
    void neighbour(PortIndex port, const dataplane::IpAddress& address, const dataplane::Neighbour& state);
    /// Gives up the address on kWan of that family for another: the gateway moves.
    void move_wan(const dataplane::IpAddress& to);

    // --- packets ---

    /// A frame to `port`'s receive queue. False if the queue is full.
    bool receive(PortIndex port, std::span<const std::uint8_t> frame, std::uint16_t queue = 0);
    /// An IP packet from the host behind kLan.
    bool receive_from_lan(std::span<const std::uint8_t> packet, std::uint16_t queue = 0);
    /// An IP packet that the gateway's own host puts into a tunnel's interface.
    bool receive_from_host(std::span<const std::uint8_t> packet, dataplane::TunnelIndex tunnel = kTunnel);
    /// A frame that the gateway's own host sends by a port's interface.
    bool send_from_host(PortIndex port, std::span<const std::uint8_t> frame);
    /// The oldest frame that the port has sent, from all of its queues.
    [[nodiscard]] std::optional<Bytes> take_sent(PortIndex port);
    /// Every IP packet that was sent to the LAN, oldest first.
    [[nodiscard]] std::vector<Bytes> take_lan();
    /// What waits for a host interface, counted as written to it.
    [[nodiscard]] std::vector<Bytes> take_host(dataplane::HostIndex host);

    // --- running ---

    /// One poll of every lcore and one turn of the control side. True if anything was done.
    bool step();
    [[nodiscard]] dataplane::Lcore& lcore(std::size_t number) { return *plane_->lcores[number]; }

    // --- looking ---

    [[nodiscard]] dataplane::Dataplane& plane() { return *plane_; }
    [[nodiscard]] control::Core& core() { return *core_; }
    [[nodiscard]] RingDevice& device(PortIndex port) { return *devices_[port]; }
    [[nodiscard]] const crypto::PublicKey& public_key() const { return public_key_; }
    [[nodiscard]] std::uint64_t drops(DropReason reason) const;
    /// "replayed=2 no_route=1": what was dropped, for messages.
    [[nodiscard]] std::string drop_names() const;
    /// The counters of the lcores, the control side and the host side.
    [[nodiscard]] dataplane::Totals totals() const;
    /// Packets that AEAD was spent on: in all, and by one lcore.
    [[nodiscard]] std::uint64_t opened_or_sealed() const;
    [[nodiscard]] std::uint64_t opened_or_sealed(std::size_t lcore) const;
    /// Everything that entered is accounted for (architecture.md, Accounting). REQUIRES: nothing polls.
    [[nodiscard]] bool accounts_balance() const;
    /// Packets out of the pool, wherever they are.
    [[nodiscard]] unsigned packets_in_use() const;
    [[nodiscard]] bool has_session(PeerIndex peer) const;

    /// Whether the test's own thread polls: it then stands in for every lcore under RCU.
    void attach();
    void detach();

  private:
    void add_ports(const GatewayOptions& options);
    void add_routes();
    bool enter_from_host(dataplane::Ring<rte_mbuf*>& ring, rte_mbuf* packet);

    GatewayOptions options_;
    SeededRandom random_;
    crypto::PublicKey public_key_;
    std::vector<std::unique_ptr<RingDevice>> devices_;
    std::unique_ptr<dataplane::Dataplane> plane_;
    std::unique_ptr<control::Core> core_;
    dataplane::Counters host_counters_;
    bool attached_ = false;
};

/// Hands a gateway's lcores to EAL lcores for the life of the object; the control side remains with
/// whoever calls Core::turn(). Meanwhile step() must not be called.
class LcoreThreads {
  public:
    /// What each lcore's thread does besides: called by it, before it polls and after.
    struct Around {
        std::function<void(std::size_t lcore)> before;
        std::function<void(std::size_t lcore)> after;
    };
    /// Uses EAL lcores `first` and up, one for each lcore of the gateway. `adaptive`: they sleep when idle,
    /// and are offline for RCU then.
    LcoreThreads(TestGateway& gateway, unsigned first, Around around = {}, bool adaptive = true);
    ~LcoreThreads();
    LcoreThreads(const LcoreThreads&) = delete;
    LcoreThreads& operator=(const LcoreThreads&) = delete;

    /// As gettid() names them, by lcore.
    [[nodiscard]] std::vector<pid_t> threads() const;

  private:
    void run(std::size_t lcore);

    TestGateway& gateway_;
    unsigned first_;
    Around around_;
    bool adaptive_;
    std::atomic<bool> stop_{false};
    std::vector<std::atomic<pid_t>> threads_;
    std::vector<std::function<void()>> bodies_;
};

}  // namespace ringway::tests
