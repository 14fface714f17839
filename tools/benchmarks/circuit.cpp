#include "tools/benchmarks/circuit.h"

#include <rte_cycles.h>

#include <algorithm>
#include <cstring>
#include <numeric>
#include <stdexcept>

namespace ringway::bench {

void PlainPacket::write(rte_mbuf* packet) const {
    packet->data_off = RTE_PKTMBUF_HEADROOM;
    packet->data_len = bytes;
    packet->pkt_len = bytes;
    std::memcpy(rte_pktmbuf_mtod(packet, std::uint8_t*), headers.data(), headers.size());
}

std::vector<PlainPacket> plain_packets(const BareGateway& from, const BareGateway& to, std::size_t hosts,
                                       std::size_t at_least, const std::vector<std::uint16_t>& sizes,
                                       crypto::Random& random) {
    std::vector<std::size_t> order(hosts);
    std::iota(order.begin(), order.end(), 0);
    for (std::size_t i = hosts; i > 1; --i)
        std::swap(order[i - 1], order[random.next_u32() % i]);
    std::vector<PlainPacket> packets(std::max(hosts, at_least));
    for (std::size_t i = 0; i < packets.size(); ++i) {
        const std::vector<std::uint8_t> frame =
            from.plain_frame(to, order[i % hosts], sizes[i % sizes.size()]);
        std::memcpy(packets[i].headers.data(), frame.data(), PlainPacket::kHeaderBytes);
        packets[i].bytes = static_cast<std::uint16_t>(frame.size());
    }
    return packets;
}

Circuit::Circuit(BareGateway& near, BareGateway& far, std::size_t lap, std::vector<PlainPacket> packets)
    : near_(near), far_(far), packets_(std::move(packets)) {
    for (std::size_t i = 0; i < lap; ++i) {
        rte_mbuf* packet = near_.plane().make_packet();
        if (packet == nullptr) throw std::runtime_error("no packets for the circuit");
        resting_.push_back(packet);
    }
    // The path of a circuit leads through one lcore of each, which is this thread under RCU.
    for (BareGateway* gateway : {&near_, &far_}) {
        gateway->plane().rcu.register_reader(0);
        gateway->plane().rcu.online(0);
        (void)dataplane::poll(gateway->lcore(0));  // the sessions are put in place
    }
}

Circuit::~Circuit() {
    for (rte_mbuf* packet : resting_)
        rte_pktmbuf_free(packet);
    for (BareGateway* gateway : {&near_, &far_}) {
        gateway->plane().rcu.offline(0);
        gateway->plane().rcu.unregister_reader(0);
    }
}

std::uint64_t poll_until_sent(BareGateway& gateway, std::size_t packets) {
    dataplane::Lcore& lcore = gateway.lcore(0);
    const std::uint64_t until = lcore.counters.out.get() + packets;
    const std::uint64_t begin = rte_rdtsc();
    for (std::size_t turns = 0; lcore.counters.out.get() < until; ++turns) {
        if (turns > 4 * packets) throw std::runtime_error("packets were lost: " + gateway.drops());
        (void)dataplane::poll(lcore);
    }
    return rte_rdtsc() - begin;
}

void Circuit::feed() {
    for (rte_mbuf* packet : resting_) {
        packets_[next_].write(packet);
        next_ = next_ + 1 == packets_.size() ? 0 : next_ + 1;
    }
    if (near_.lan().receive_burst(resting_) != resting_.size())
        throw std::runtime_error("the port's ring is too small");
}

Circuit::Cycles Circuit::lap() {
    feed();
    Cycles cycles;
    cycles.sealing = poll_until_sent(near_, resting_.size());
    (void)near_.wan().take_sent_burst(0, resting_);
    (void)far_.wan().receive_burst(resting_);
    cycles.opening = poll_until_sent(far_, resting_.size());
    (void)far_.lan().take_sent_burst(0, resting_);
    return cycles;
}

}  // namespace ringway::bench
