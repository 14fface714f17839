#pragma once

// The packet path of a gateway and nothing else: ports in memory, sessions put in by hand. What a
// measurement of it shows is the dataplane, whatever the control side would be doing.

#include <array>
#include <cstddef>
#include <memory>
#include <vector>

#include "control/core/packet_plane.h"
#include "crypto/random.h"
#include "dataplane/dataplane.h"
#include "tests/support/ring_device.h"

namespace ringway::bench {

/// How a BareGateway is made.
struct BareGatewayOptions {
    unsigned number = 1;                        ///< 1 to 99; gives it its addresses and names
    std::vector<dataplane::LcoreRoles> lcores;  ///< empty: one with all roles
    std::size_t peers = 1;                      ///< at most 65,536
    std::size_t packets = 4096;
    std::uint32_t queue_limit = 1024;
    unsigned ring = 1024;  ///< frames in a port's ring
    crypto::AeadPolicy aead;
};

/// Gateway n: 10.0.0.n on the port kWan, and hosts 10.n.0.0/16 behind the port kLan. Peer i of a pair of
/// gateways stands for host i on either side. The caller's thread polls, or lcores do.
class BareGateway {
  public:
    static constexpr dataplane::PortIndex kWan = 0;
    static constexpr dataplane::PortIndex kLan = 1;

    /// REQUIRES: EAL is up. Throws std::runtime_error, std::bad_alloc or std::system_error.
    BareGateway(const dataplane::Clock& clock, crypto::Random& random, const BareGatewayOptions& options);
    BareGateway(const BareGateway&) = delete;
    BareGateway& operator=(const BareGateway&) = delete;

    /// Gives every peer of either a session with the other, with keys from `random`. They last for
    /// REJECT_AFTER_TIME by the gateways' clock.
    static void join(BareGateway& one, BareGateway& other, crypto::Random& random);

    /// A frame that host `host` behind us sends to host `host` behind `other`, `bytes` of it inner IP packet.
    [[nodiscard]] std::vector<std::uint8_t> plain_frame(const BareGateway& other, std::size_t host,
                                                        std::size_t bytes) const;

    [[nodiscard]] dataplane::Dataplane& plane() { return plane_; }
    [[nodiscard]] dataplane::Lcore& lcore(std::size_t number) { return *plane_.lcores[number]; }
    [[nodiscard]] tests::RingDevice& wan() { return *devices_[kWan]; }
    [[nodiscard]] tests::RingDevice& lan() { return *devices_[kLan]; }
    /// Packets that the ports have taken.
    [[nodiscard]] std::uint64_t sent() const;
    /// "unknown_index=3 ..."; empty if nothing was dropped.
    [[nodiscard]] std::string drops() const;

  private:
    void add_ports();
    void add_tunnel();
    void add_peer(std::size_t index, const BareGateway& other);
    void install(std::size_t index, crypto::ReceiverIndex local, crypto::ReceiverIndex remote,
                 crypto::TransportKeys keys);
    [[nodiscard]] dataplane::IpAddress outside() const;
    [[nodiscard]] dataplane::IpAddress host(std::size_t index) const;
    [[nodiscard]] dataplane::MacAddress mac(dataplane::PortIndex port) const;

    BareGatewayOptions options_;
    std::vector<std::unique_ptr<tests::RingDevice>> devices_;
    dataplane::Dataplane plane_;
    dataplane::Counters counters_;
    control::PacketPlane sessions_;
};

}  // namespace ringway::bench
