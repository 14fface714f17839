#pragma once

#include <rte_mbuf.h>

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "dataplane/port.h"

namespace ringway::load {

using dataplane::MacAddress;

struct FreePool {
    void operator()(rte_mempool* pool) const;
};
using Pool = std::unique_ptr<rte_mempool, FreePool>;

/// Packets as the packet path has them, so that a gateway in the same process may take them over. Throws
/// std::runtime_error if there is not enough memory.
[[nodiscard]] Pool make_pool(const std::string& name, unsigned packets, std::uint16_t mtu);

/// One Ethernet device. What is sent beside the load (handshakes, neighbours) has a queue of its own and goes
/// first. One thread.
class Link {
  public:
    static constexpr std::uint16_t kBurst = 64;

    /// REQUIRES: EAL is up. Throws std::runtime_error naming the device. `number` tells links apart.
    Link(unsigned number, const std::string& device, std::uint16_t mtu);
    ~Link();
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;

    [[nodiscard]] const MacAddress& mac() const { return port_->mac(); }
    [[nodiscard]] const std::string& device() const { return port_->device(); }
    /// Whether the other end is there. Devices that can't tell say yes.
    [[nodiscard]] bool is_up() const;
    /// Whether packets given to the device come back to their pool as they were: where it copies them.
    [[nodiscard]] bool keeps_contents() const { return keeps_contents_; }

    /// Receives up to kBurst frames, which are then the caller's.
    [[nodiscard]] std::uint16_t receive(std::array<rte_mbuf*, kBurst>& frames);
    /// Queues a frame beside the load; false if there is no room, so that it is lost.
    bool send(std::span<const std::uint8_t> frame);
    /// Offers queued frames to the device. True if none remain.
    bool flush();
    /// Offers a burst of the load; how many the device took, from the first on. None while frames are queued.
    [[nodiscard]] std::uint16_t offer(rte_mbuf** frames, std::uint16_t count);

  private:
    static constexpr std::size_t kQueue = 512;

    Pool received_;
    Pool sent_;
    std::unique_ptr<dataplane::Port> port_;
    bool keeps_contents_ = false;
    std::vector<rte_mbuf*> queue_;
};

}  // namespace ringway::load
