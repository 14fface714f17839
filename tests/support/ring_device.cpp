#include "tests/support/ring_device.h"

#include <rte_bus_vdev.h>
#include <rte_eth_ring.h>
#include <rte_ethdev.h>

#include <cstring>
#include <stdexcept>

#include "tests/support/told_to_sanitizer.h"

namespace ringway::tests {

RingDevice::RingPointer RingDevice::make_ring(const std::string& name, unsigned size) {
    RingPointer ring(
        rte_ring_create(name.c_str(), size, SOCKET_ID_ANY, RING_F_MP_HTS_ENQ | RING_F_MC_HTS_DEQ));
    if (!ring) throw std::runtime_error("no ring " + name);
    return ring;
}

RingDevice::RingDevice(const std::string& name, const RingDeviceOptions& options)
    : name_("net_ring_" + name) {
    std::vector<rte_ring*> rx;
    std::vector<rte_ring*> tx;
    for (unsigned q = 0; q < options.rx_queues; ++q)
        rx.push_back(rx_.emplace_back(make_ring(name + "r" + std::to_string(q), options.rx_ring)).get());
    for (unsigned q = 0; q < options.tx_queues; ++q)
        tx.push_back(tx_.emplace_back(make_ring(name + "t" + std::to_string(q), options.tx_ring)).get());
    const int port = rte_eth_from_rings(name.c_str(), rx.data(), options.rx_queues, tx.data(),
                                        options.tx_queues, SOCKET_ID_ANY);
    if (port < 0) throw std::runtime_error("no device " + name_);
    ethdev_ = static_cast<std::uint16_t>(port);
    tell_sanitizer_of_device(ethdev_, options.rx_queues, options.tx_queues);
    // net_ring can't set its address, but it takes a first one in place of the zero it begins with.
    rte_ether_addr mac{};
    std::memcpy(mac.addr_bytes, options.mac.data(), options.mac.size());
    if (rte_eth_dev_mac_addr_add(ethdev_, &mac, 0) != 0) throw std::runtime_error("no address for " + name_);
}

bool RingDevice::receive(rte_mbuf* frame, std::uint16_t queue) {
    tell_sanitizer_given(ethdev_);
    return rte_ring_enqueue(rx_[queue].get(), frame) == 0;
}

rte_mbuf* RingDevice::take_sent(std::uint16_t queue) {
    void* frame = nullptr;
    if (rte_ring_dequeue(tx_[queue].get(), &frame) != 0) return nullptr;
    tell_sanitizer_taken(ethdev_);
    return static_cast<rte_mbuf*>(frame);
}

std::size_t RingDevice::receive_burst(std::span<rte_mbuf* const> frames, std::uint16_t queue) {
    tell_sanitizer_given(ethdev_);
    void* const* all = reinterpret_cast<void* const*>(frames.data());
    return rte_ring_enqueue_burst(rx_[queue].get(), all, static_cast<unsigned>(frames.size()), nullptr);
}

std::size_t RingDevice::take_sent_burst(std::uint16_t queue, std::span<rte_mbuf*> frames) {
    void** all = reinterpret_cast<void**>(frames.data());
    const unsigned count =
        rte_ring_dequeue_burst(tx_[queue].get(), all, static_cast<unsigned>(frames.size()), nullptr);
    tell_sanitizer_taken(ethdev_);
    return count;
}

RingDevice::~RingDevice() {
    (void)rte_vdev_uninit(name_.c_str());
}

}  // namespace ringway::tests
