#include "tools/benchmarks/split.h"

#include <rte_ring.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstring>
#include <functional>
#include <stdexcept>
#include <thread>

#include "crypto/messages.h"
#include "dataplane/packet.h"
#include "tools/benchmarks/bare_gateway.h"
#include "tools/benchmarks/circuit.h"

namespace ringway::bench {
namespace {

/// As much as an rx lcore takes in one turn.
constexpr unsigned kBurst = 256;
constexpr std::size_t kOuterBytes = 42;

BareGatewayOptions gateway_options(unsigned number, unsigned cpus, const SplitOptions& options) {
    BareGatewayOptions out;
    out.number = number;
    out.packets = 2 * options.packets;
    out.queue_limit = static_cast<std::uint32_t>(options.packets);
    out.ring = static_cast<unsigned>(2 * options.packets);
    out.aead = options.aead;
    if (cpus == 2) {
        out.lcores.push_back({.rx = true, .crypto = true, .tx = false});
        out.lcores.push_back({.rx = false, .crypto = true, .tx = true});
    }
    return out;
}

/// A flow that goes round: the sink gives the packets back to the source.
class Loop {
  public:
    Loop(const dataplane::Clock& clock, unsigned cpus, const SplitOptions& options)
        : gateway_(clock, random_, gateway_options(1, cpus, options)),
          other_(clock, random_, gateway_options(2, 1, options)),
          back_(options.packets, dataplane::RingUsers::one, dataplane::RingUsers::one) {
        BareGateway::join(gateway_, other_, random_);
        packet_ = plain_packets(gateway_, other_, 1, 1, {options.inner_bytes}, random_).front();
        for (std::size_t i = 0; i < options.packets; ++i) {
            rte_mbuf* packet = gateway_.plane().make_packet();
            if (packet == nullptr || !back_.push(packet)) throw std::runtime_error("no packets for the loop");
        }
    }
    ~Loop() {
        rte_mbuf* packet = nullptr;
        while (back_.pop(packet))
            rte_pktmbuf_free(packet);
    }
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    [[nodiscard]] BareGateway& gateway() { return gateway_; }

    /// What an lcore's thread does until `stop`.
    void run(unsigned number, const std::atomic<bool>& stop) {
        dataplane::Dataplane& plane = gateway_.plane();
        dataplane::Lcore& lcore = gateway_.lcore(number);
        plane.rcu.register_reader(number);
        plane.rcu.online(number);
        while (!stop.load(std::memory_order_relaxed)) {
            if (lcore.rx) feed();
            (void)dataplane::poll(lcore);
            if (lcore.tx) drain();
        }
        plane.rcu.offline(number);
        plane.rcu.unregister_reader(number);
    }

    [[nodiscard]] std::uint64_t packets() const { return packets_sunk_.get(); }
    [[nodiscard]] std::uint64_t out_of_order() const { return out_of_order_.get(); }

  private:
    void feed() {
        std::array<rte_mbuf*, kBurst> packets;
        const std::size_t count = back_.pop_some(packets);
        for (std::size_t i = 0; i < count; ++i)
            packet_.write(packets[i]);
        // The ring holds all there are.
        (void)gateway_.lan().receive_burst({packets.data(), count});
    }

    void drain() {
        std::array<rte_mbuf*, kBurst> packets;
        const std::size_t count = gateway_.wan().take_sent_burst(0, packets);
        for (std::size_t i = 0; i < count; ++i) {
            crypto::MessageTransport header;
            std::memcpy(&header, dataplane::data(packets[i]) + kOuterBytes, sizeof(header));
            if (header.counter.host() != expected_) out_of_order_.add();
            expected_ = header.counter.host() + 1;
        }
        packets_sunk_.add(count);
        (void)back_.push_some({packets.data(), count});
    }

    crypto::SystemRandom random_;
    BareGateway gateway_;
    BareGateway other_;
    PlainPacket packet_;
    dataplane::Ring<rte_mbuf*> back_;
    // The sink's.
    std::uint64_t expected_ = 0;
    dataplane::Counter packets_sunk_;
    dataplane::Counter out_of_order_;
};

}  // namespace

SplitResult run_split(dataplane::Eal& eal, const dataplane::Clock& clock, unsigned cpus,
                      const SplitOptions& options, unsigned milliseconds) {
    constexpr std::chrono::milliseconds kWarmUp{50};
    Loop loop(clock, cpus, options);
    std::atomic<bool> stop{false};
    std::array<std::function<void()>, 2> bodies;
    for (unsigned i = 0; i < cpus; ++i) {
        bodies[i] = [&loop, &stop, i] { loop.run(i, stop); };
        eal.launch(1 + i, bodies[i]);
    }
    std::this_thread::sleep_for(kWarmUp);
    SplitResult result{.packets = loop.packets(), .out_of_order = 0, .nanoseconds = clock.now()};
    std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
    result = {.packets = loop.packets() - result.packets,
              .out_of_order = loop.out_of_order(),
              .nanoseconds = clock.now() - result.nanoseconds};
    stop.store(true);
    eal.join();
    if (const std::string drops = loop.gateway().drops(); !drops.empty())
        throw std::runtime_error("packets were dropped: " + drops);
    return result;
}

}  // namespace ringway::bench
