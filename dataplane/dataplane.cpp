#include "dataplane/dataplane.h"

#include <rte_eal.h>
#include <rte_mempool.h>

#include <algorithm>
#include <cstdio>
#include <stdexcept>
#include <string>

#include "dataplane/in_band.h"
#include "dataplane/packet.h"

namespace ringway::dataplane {
namespace {

constexpr unsigned kPoolCache = 256;
constexpr std::uint64_t kNeighbourSeed = 0x9e3779b97f4a7c15ULL;
/// Half of each line is what one tunnel can hold: the kernel's MAX_QUEUED_INCOMING_HANDSHAKES, 4096.
constexpr std::size_t kHandshakeQueue = 8190;

/// A sealed packet of the largest MTU, sealed once more by a tunnel around the tunnel. Never less
/// than what an af_packet device wants for its frames.
std::uint16_t data_room(std::uint16_t max_mtu) {
    constexpr std::size_t kVlan = 4;
    const std::size_t wanted = kHeadroom + kEthernetBytes + kVlan + max_mtu + std::size_t{2} * kTailroom;
    const std::size_t rounded = (wanted + RTE_CACHE_LINE_SIZE - 1) & ~std::size_t{RTE_CACHE_LINE_SIZE - 1};
    return static_cast<std::uint16_t>(std::max<std::size_t>(rounded, RTE_MBUF_DEFAULT_BUF_SIZE));
}

/// As rte_pktmbuf_pool_create_by_ops, but for one flag: on plain 4 KiB pages DPDK would otherwise give
/// every mbuf a page of its own, so that none crosses a page; without huge pages no device needs that.
rte_mempool* make_pool(const DataplaneOptions& options, const void* owner) {
    std::array<char, RTE_MEMPOOL_NAMESIZE> name{};
    std::snprintf(name.data(), name.size(), "packets-%p", owner);
    const std::uint16_t room = data_room(options.max_mtu);
    const std::size_t size = sizeof(rte_mbuf) + kPacketMetaBytes + room;
    const unsigned flags = rte_eal_has_hugepages() != 0 ? 0 : RTE_MEMPOOL_F_NO_IOVA_CONTIG;
    std::unique_ptr<rte_mempool, void (*)(rte_mempool*)> pool(
        rte_mempool_create_empty(name.data(), static_cast<unsigned>(options.packets),
                                 static_cast<unsigned>(size), kPoolCache, sizeof(rte_pktmbuf_pool_private),
                                 SOCKET_ID_ANY, flags),
        rte_mempool_free);
    rte_pktmbuf_pool_private sizes{};
    sizes.mbuf_data_room_size = room;
    sizes.mbuf_priv_size = kPacketMetaBytes;
    const bool made =
        pool != nullptr && rte_mempool_set_ops_byname(pool.get(), "ring_mt_hts", nullptr) == 0 &&
        (rte_pktmbuf_pool_init(pool.get(), &sizes), rte_mempool_populate_default(pool.get()) > 0);
    if (!made) {
        throw std::runtime_error("no memory for " + std::to_string(options.packets) + " packets of " +
                                 std::to_string(size) + " bytes: raise system.memory");
    }
    rte_mempool_obj_iter(pool.get(), rte_pktmbuf_init, nullptr);
    return pool.release();
}

}  // namespace

void Dataplane::FreePool::operator()(rte_mempool* pool) const {
    rte_mempool_free(pool);
}

Dataplane::Dataplane(const DataplaneOptions& wanted, const Clock& time)
    : options(wanted),
      clock(time),
      sharing(wanted.lcores.size() > 1 ? Sharing::shared : Sharing::lone),
      rcu(static_cast<unsigned>(wanted.lcores.size())),
      reclaimer(rcu),
      bundles(wanted.bundles, sharing),
      indices(static_cast<std::uint32_t>(wanted.max_peers)),
      neighbours(wanted.neighbours, kNeighbourSeed ^ rte_rdtsc(), reclaimer),
      waiting(wanted.packets / 8),
      keypairs(4 * wanted.max_peers),
      peers(wanted.max_peers),
      tunnels(wanted.max_tunnels),
      crypto(wanted.bundles, users_of(sharing), users_of(sharing)),
      events(8 * wanted.max_peers, RingUsers::many, RingUsers::one),
      handshakes(kHandshakeQueue, wanted.max_tunnels),
      messages(kInBandQueue, RingUsers::many, RingUsers::one),
      unresolved(wanted.host_queue, RingUsers::many, RingUsers::one),
      packets_(make_pool(wanted, this)) {
    for (std::size_t i = 0; i < wanted.domains; ++i)
        domains.push_back(std::make_unique<RoutingDomain>(reclaimer));
    for (std::size_t i = 0; i < wanted.host_interfaces; ++i) {
        hosts.push_back(std::make_unique<HostQueue>(wanted.host_queue, wanted.host_limits));
    }
    for (const LcoreRoles& roles : wanted.lcores) {
        lcores.push_back(std::make_unique<Lcore>(*this, static_cast<unsigned>(lcores.size()), roles));
        Lcore& lcore = *lcores.back();
        if (lcore.rx) rx_lcores_.push_back(&lcore);
        if (lcore.crypto) ++crypto_lcores_;
        if (lcore.tx) {
            lcore.tx->queue = static_cast<std::uint16_t>(tx_lcores_.size());
            tx_lcores_.push_back(&lcore);
        }
    }
    if (rx_lcores_.empty() || tx_lcores_.empty() || crypto_lcores_ == 0) {
        throw std::runtime_error("lcores: each of the roles rx, crypto and tx needs at least one");
    }
}

Dataplane::~Dataplane() {
    // Nothing reads any more: what the tables have deferred is freed while they are still there, and
    // the ports give their packets back while there still is a pool.
    reclaimer.drain();
    ports.clear();
}

PortIndex Dataplane::add_port(const PortOptions& port_options) {
    PortOptions complete = port_options;
    complete.tx_queues = static_cast<std::uint16_t>(tx_lcores_.size());
    ports.push_back(std::make_unique<Port>(complete, packets_.get()));
    const auto index = static_cast<PortIndex>(ports.size() - 1);
    for (std::uint16_t q = 0; q < ports[index]->rx_queues(); ++q) {
        rx_lcores_[next_rx_++ % rx_lcores_.size()]->rx->queues.push_back({index, q});
    }
    for (Lcore* lcore : tx_lcores_)
        lcore->tx->buffers.emplace_back();
    return index;
}

rte_mbuf* Dataplane::make_packet() const {
    rte_mbuf* packet = rte_pktmbuf_alloc(packets_.get());
    if (packet == nullptr) return nullptr;
    meta(packet) = PacketMeta{};
    // The headroom of an IP packet that came in by a port: enough for a tunnel inside a tunnel.
    packet->data_off = static_cast<std::uint16_t>(packet->data_off + kEthernetBytes);
    return packet;
}

std::size_t Dataplane::bundles_in_use() const {
    std::size_t idle = 0;
    for (const auto& lcore : lcores)
        idle += lcore->bundles.count();
    const std::size_t taken = bundles.in_use();
    return taken > idle ? taken - idle : 0;
}

std::size_t Dataplane::in_flight() const {
    std::size_t n = handshakes.size() + messages.size() + unresolved.size() +
                    held_by_control.load(std::memory_order_relaxed);
    for (const Peer& peer : peers)
        n += peer.outbound.depth() + peer.inbound.depth();
    for (const auto& host : hosts)
        n += host->packets.size();
    for (const auto& lcore : lcores) {
        if (lcore->rx)
            n += lcore->rx->from_host.size() + lcore->rx->to_staging.size() + lcore->rx->staged.count() +
                 lcore->rx->messages.load(std::memory_order_relaxed);
        if (!lcore->tx) continue;
        n += lcore->tx->submitted.size() +
             (lcore->tx->stuck.load(std::memory_order_relaxed) != nullptr ? 1 : 0);
        for (const TxBuffer& buffer : lcore->tx->buffers)
            n += buffer.count();
    }
    return n;
}

}  // namespace ringway::dataplane
