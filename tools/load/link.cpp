#include "tools/load/link.h"

#include <rte_errno.h>
#include <rte_ethdev.h>

#include <cstring>
#include <stdexcept>
#include <string_view>

#include "dataplane/packet.h"

namespace ringway::load {
namespace {

/// Both rings of the device, what is received and not looked at yet, and a cache.
constexpr unsigned kReceivePackets = 4095;
constexpr unsigned kControlPackets = 2047;

std::unique_ptr<dataplane::Port> open_port(const dataplane::PortOptions& options, rte_mempool* packets) {
    try {
        return std::make_unique<dataplane::Port>(options, packets);
    } catch (const std::runtime_error& error) {
        if (options.device.find("role=client") == std::string::npos) throw;
        throw std::runtime_error(std::string(error.what()) +
                                 " (a memif client needs its server to be there)");
    }
}

}  // namespace

void FreePool::operator()(rte_mempool* pool) const {
    rte_mempool_free(pool);
}

Pool make_pool(const std::string& name, unsigned packets, std::uint16_t mtu) {
    constexpr unsigned kCache = 256;
    constexpr unsigned kUsualRoom = 2048;
    const unsigned room = RTE_PKTMBUF_HEADROOM + std::max<unsigned>(kUsualRoom, mtu + 128U);
    Pool pool(rte_pktmbuf_pool_create(name.c_str(), packets, kCache, dataplane::kPacketMetaBytes,
                                      static_cast<std::uint16_t>(room), SOCKET_ID_ANY));
    if (!pool) {
        throw std::runtime_error("no memory for " + std::to_string(packets) + " packets of " + name + ": " +
                                 rte_strerror(rte_errno) + " (see --memory)");
    }
    return pool;
}

Link::Link(unsigned number, const std::string& device, std::uint16_t mtu)
    : received_(make_pool("load-received-" + std::to_string(number), kReceivePackets, mtu)),
      sent_(make_pool("load-control-" + std::to_string(number), kControlPackets, mtu)),
      port_(open_port({.device = device, .mtu = mtu, .rx_queues = 1, .tx_queues = 1}, received_.get())) {
    rte_eth_dev_info info{};
    const bool known = rte_eth_dev_info_get(port_->ethdev(), &info) == 0;
    const std::string_view driver = known && info.driver_name != nullptr ? info.driver_name : "";
    keeps_contents_ = driver == "net_memif" || driver == "net_af_packet" || driver == "net_tap";
    queue_.reserve(kQueue);
}

Link::~Link() {
    rte_pktmbuf_free_bulk(queue_.data(), static_cast<unsigned>(queue_.size()));
}

bool Link::is_up() const {
    rte_eth_link link{};
    return rte_eth_link_get_nowait(port_->ethdev(), &link) != 0 || link.link_status == RTE_ETH_LINK_UP;
}

std::uint16_t Link::receive(std::array<rte_mbuf*, kBurst>& frames) {
    return rte_eth_rx_burst(port_->ethdev(), 0, frames.data(), kBurst);
}

bool Link::send(std::span<const std::uint8_t> frame) {
    if (queue_.size() == kQueue && !flush() && queue_.size() == kQueue) return false;
    rte_mbuf* packet = rte_pktmbuf_alloc(sent_.get());
    if (packet == nullptr) return false;
    if (char* to = rte_pktmbuf_append(packet, static_cast<std::uint16_t>(frame.size())); to != nullptr) {
        std::memcpy(to, frame.data(), frame.size());
        queue_.push_back(packet);
        return true;
    }
    rte_pktmbuf_free(packet);
    return false;
}

bool Link::flush() {
    std::size_t sent = 0;
    while (sent < queue_.size()) {
        const auto count = static_cast<std::uint16_t>(std::min<std::size_t>(queue_.size() - sent, kBurst));
        const std::uint16_t taken = rte_eth_tx_burst(port_->ethdev(), 0, queue_.data() + sent, count);
        sent += taken;
        if (taken < count) break;
    }
    queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(sent));
    return queue_.empty();
}

std::uint16_t Link::offer(rte_mbuf** frames, std::uint16_t count) {
    if (!queue_.empty() && !flush()) return 0;
    return rte_eth_tx_burst(port_->ethdev(), 0, frames, count);
}

}  // namespace ringway::load
