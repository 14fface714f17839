#pragma once

#include <rte_mbuf.h>
#include <rte_ring.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "dataplane/neighbour_table.h"

namespace ringway::tests {

/// What a RingDevice is made with.
struct RingDeviceOptions {
    dataplane::MacAddress mac{};
    std::uint16_t rx_queues = 1;
    std::uint16_t tx_queues = 1;
    unsigned rx_ring = 1024;  ///< frames, a power of two
    unsigned tx_ring = 1024;
};

/// An Ethernet device in memory: DPDK's net_ring over rings whose other ends the test holds. A device
/// that refuses frames is one with a small tx_ring that nobody empties.
class RingDevice {
  public:
    /// REQUIRES: EAL is up, `name` is not in use. Throws std::runtime_error.
    RingDevice(const std::string& name, const RingDeviceOptions& options);
    /// REQUIRES: the port over it is closed. Frames still in the rings are the pool's business.
    ~RingDevice();
    RingDevice(const RingDevice&) = delete;
    RingDevice& operator=(const RingDevice&) = delete;

    /// What dataplane::PortOptions::device has to say.
    [[nodiscard]] const std::string& name() const { return name_; }
    /// Puts a frame where the port receives it. False, the frame still the caller's, if there is no room.
    [[nodiscard]] bool receive(rte_mbuf* frame, std::uint16_t queue = 0);
    /// The same for many. How many went in, from the front.
    [[nodiscard]] std::size_t receive_burst(std::span<rte_mbuf* const> frames, std::uint16_t queue = 0);
    /// The oldest frame that the port has sent by one queue, or null.
    [[nodiscard]] rte_mbuf* take_sent(std::uint16_t queue);
    /// The same for many. How many were taken into the front of `frames`.
    [[nodiscard]] std::size_t take_sent_burst(std::uint16_t queue, std::span<rte_mbuf*> frames);
    [[nodiscard]] std::uint16_t tx_queues() const { return static_cast<std::uint16_t>(tx_.size()); }
    [[nodiscard]] std::uint16_t rx_queues() const { return static_cast<std::uint16_t>(rx_.size()); }
    [[nodiscard]] unsigned waiting_to_be_received(std::uint16_t queue = 0) const {
        return rte_ring_count(rx_[queue].get());
    }

  private:
    struct Free {
        void operator()(rte_ring* ring) const { rte_ring_free(ring); }
    };
    using RingPointer = std::unique_ptr<rte_ring, Free>;
    [[nodiscard]] static RingPointer make_ring(const std::string& name, unsigned size);

    std::string name_;
    std::uint16_t ethdev_ = 0;
    std::vector<RingPointer> rx_;
    std::vector<RingPointer> tx_;
};

}  // namespace ringway::tests
