#include "dataplane/port.h"

#include <rte_bus.h>
#include <rte_dev.h>
#include <rte_errno.h>
#include <rte_ethdev.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "dataplane/device_string.h"

namespace ringway::dataplane {
namespace {

[[noreturn]] void fail(const std::string& device, const std::string& what, int error) {
    throw std::runtime_error("port device '" + device + "': " + what + ": " +
                             rte_strerror(error < 0 ? -error : error));
}

/// An af_packet device has as many socket pairs as it is told at birth, for both directions, and frames
/// of one size, a power of two, that hold the kernel's header beside the packet.
std::string with_arguments(const PortOptions& options) {
    constexpr std::uint32_t kUsualFrame = 2048;
    constexpr std::uint32_t kUsualBlock = 4096;
    constexpr std::uint32_t kFrameOverhead = 128;
    std::string device = options.device;
    if (!device.starts_with("net_af_packet")) return device;
    const auto add = [&](const std::string& key, std::uint32_t value) {
        if (argument_of(device, key).empty()) device += "," + key + "=" + std::to_string(value);
    };
    add("qpairs", std::max(options.rx_queues, options.tx_queues));
    if (const std::uint32_t frame = std::bit_ceil(options.mtu + kFrameOverhead); frame > kUsualFrame) {
        add("framesz", frame);
        add("blocksz", std::max(kUsualBlock, frame));
    }
    return device;
}

}  // namespace

std::optional<std::uint16_t> transmit_queues(const std::string& device) {
    std::uint16_t ethdev = 0;
    rte_eth_dev_info info{};
    if (rte_eth_dev_get_port_by_name(device_name(device).c_str(), &ethdev) != 0) return std::nullopt;
    if (rte_eth_dev_info_get(ethdev, &info) != 0) return std::nullopt;
    return info.max_tx_queues;
}

Port::Port(const PortOptions& options, rte_mempool* packets) : options_(options) {
    const std::string name = device_name(options_.device);
    if (rte_eth_dev_get_port_by_name(name.c_str(), &ethdev_) != 0) {
        if (const int error = rte_dev_probe(with_arguments(options_).c_str()); error != 0) {
            if (error == -EFAULT || error == -ENODEV) {
                throw std::runtime_error("port device '" + options_.device +
                                         "': no driver of DPDK knows it, or it is not there");
            }
            fail(options_.device, "can't be opened", error);
        }
        if (const int error = rte_eth_dev_get_port_by_name(name.c_str(), &ethdev_); error != 0) {
            fail(options_.device, "is not an Ethernet device", error);
        }
        attached_ = true;
    }
    configure(packets);
}

void Port::configure(rte_mempool* packets) {
    rte_eth_dev_info info{};
    if (const int error = rte_eth_dev_info_get(ethdev_, &info); error != 0) {
        fail(options_.device, "tells nothing of itself", error);
    }
    // A device that has more queue pairs than asked for spreads packets over all of them.
    if (device_name(options_.device).starts_with("net_af_packet")) {
        options_.rx_queues = std::max(options_.rx_queues, options_.tx_queues);
    }
    if (options_.rx_queues > info.max_rx_queues) options_.rx_queues = info.max_rx_queues;
    if (options_.tx_queues > info.max_tx_queues) {
        throw std::runtime_error("port device '" + options_.device + "': has " +
                                 std::to_string(info.max_tx_queues) + " transmit queues, but " +
                                 std::to_string(options_.tx_queues) +
                                 " tx lcores need one each: give fewer CPUs in lcores.tx");
    }

    rte_eth_conf conf{};
    if (options_.rx_queues > 1 && (info.flow_type_rss_offloads & RTE_ETH_RSS_IP) != 0) {
        conf.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
        conf.rx_adv_conf.rss_conf.rss_hf =
            info.flow_type_rss_offloads & (RTE_ETH_RSS_IP | RTE_ETH_RSS_UDP | RTE_ETH_RSS_TCP);
    }
    if (const int error = rte_eth_dev_configure(ethdev_, options_.rx_queues, options_.tx_queues, &conf);
        error != 0) {
        fail(options_.device, "can't be configured", error);
    }
    if (const int error = rte_eth_dev_set_mtu(ethdev_, options_.mtu); error != 0 && error != -ENOTSUP) {
        fail(options_.device, "refuses an MTU of " + std::to_string(options_.mtu), error);
    }

    std::uint16_t rx_descriptors = kQueueDescriptors;
    std::uint16_t tx_descriptors = kQueueDescriptors;
    (void)rte_eth_dev_adjust_nb_rx_tx_desc(ethdev_, &rx_descriptors, &tx_descriptors);
    const auto socket = static_cast<unsigned>(std::max(0, rte_eth_dev_socket_id(ethdev_)));
    for (std::uint16_t q = 0; q < options_.rx_queues; ++q) {
        const int error = rte_eth_rx_queue_setup(ethdev_, q, rx_descriptors, socket, nullptr, packets);
        if (error != 0) fail(options_.device, "receive queue " + std::to_string(q), error);
    }
    for (std::uint16_t q = 0; q < options_.tx_queues; ++q) {
        const int error = rte_eth_tx_queue_setup(ethdev_, q, tx_descriptors, socket, nullptr);
        if (error != 0) fail(options_.device, "transmit queue " + std::to_string(q), error);
    }
    if (const int error = rte_eth_dev_start(ethdev_); error != 0)
        fail(options_.device, "can't be started", error);

    // Neighbour discovery and routing protocols speak by multicast. Devices without such a mode, like
    // af_packet, take all there is.
    (void)rte_eth_allmulticast_enable(ethdev_);

    rte_ether_addr mac{};
    (void)rte_eth_macaddr_get(ethdev_, &mac);
    std::memcpy(mac_.data(), mac.addr_bytes, mac_.size());
    std::memcpy(&mac_word_, mac.addr_bytes, mac_.size());
}

Port::~Port() {
    (void)rte_eth_dev_stop(ethdev_);
    if (!attached_) return;
    rte_eth_dev_info info{};
    const bool known = rte_eth_dev_info_get(ethdev_, &info) == 0;
    (void)rte_eth_dev_close(ethdev_);
    if (known && info.device != nullptr) (void)rte_dev_remove(info.device);
}

}  // namespace ringway::dataplane
