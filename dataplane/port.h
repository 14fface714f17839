#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "dataplane/headers.h"
#include "dataplane/routing_domain.h"
#include "dataplane/tunnel.h"

struct rte_mempool;

namespace ringway::dataplane {

/// Packets that a receive queue holds ready, and as many that a transmit queue may hold on to.
inline constexpr std::uint16_t kQueueDescriptors = 1024;

/// Transmit queues of a device that is there already, as those on PCI are; nothing for one that is made when
/// its port is opened. REQUIRES: EAL is up.
[[nodiscard]] std::optional<std::uint16_t> transmit_queues(const std::string& device);

/// What a port is opened with.
struct PortOptions {
    std::string device;  ///< PCI address or DPDK device string, or the name of a device there is
    std::uint16_t mtu = 1500;
    std::uint16_t rx_queues = 1;
    std::uint16_t tx_queues = 1;  ///< one per tx lcore: queues are never shared
    DomainIndex domain = 0;
    HostIndex host = 0;
};

/// An Ethernet port of DPDK, started, with one TX queue for every tx lcore. Control side: opens,
/// closes; lcores: read.
class Port {
  public:
    /// REQUIRES: EAL is up. Throws std::runtime_error naming the device and what failed.
    Port(const PortOptions& options, rte_mempool* packets);
    ~Port();
    Port(const Port&) = delete;
    Port& operator=(const Port&) = delete;

    [[nodiscard]] std::uint16_t ethdev() const { return ethdev_; }
    [[nodiscard]] const MacAddress& mac() const { return mac_; }
    /// The same as a number whose lowest byte is the first.
    [[nodiscard]] std::uint64_t mac_word() const { return mac_word_; }
    [[nodiscard]] std::uint16_t mtu() const { return options_.mtu; }
    [[nodiscard]] std::uint16_t rx_queues() const { return options_.rx_queues; }
    [[nodiscard]] DomainIndex domain() const { return options_.domain; }
    [[nodiscard]] HostIndex host() const { return options_.host; }
    [[nodiscard]] const std::string& device() const { return options_.device; }

  private:
    void configure(rte_mempool* packets);

    PortOptions options_;
    std::uint16_t ethdev_ = 0;
    bool attached_ = false;  ///< we plugged the device in and take it out again
    MacAddress mac_{};
    std::uint64_t mac_word_ = 0;
};

}  // namespace ringway::dataplane
