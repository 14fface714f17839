#pragma once

#include <rte_mbuf.h>

#include <array>
#include <cstdint>
#include <vector>

#include "tools/benchmarks/bare_gateway.h"

namespace ringway::bench {

/// The headers of one plain frame of the circuit, and how long it is with what follows them.
struct PlainPacket {
    static constexpr std::size_t kHeaderBytes = 42;
    std::array<std::uint8_t, kHeaderBytes> headers;
    std::uint16_t bytes;

    /// Makes `packet`, whatever it held, this frame.
    void write(rte_mbuf* packet) const;
};

/// One frame of each of `sizes` in turn (inner bytes) to each host in turn, the hosts in random order;
/// as many as there are hosts, or `at_least`.
[[nodiscard]] std::vector<PlainPacket> plain_packets(const BareGateway& from, const BareGateway& to,
                                                     std::size_t hosts, std::size_t at_least,
                                                     const std::vector<std::uint16_t>& sizes,
                                                     crypto::Random& random);

/// TSC cycles that one gateway needs until `packets` more have left it. Throws std::runtime_error if they
/// don't.
[[nodiscard]] std::uint64_t poll_until_sent(BareGateway& gateway, std::size_t packets);

/// Packets that go round between two gateways of one lcore each: plain into `near`, sealed to `far`,
/// opened, plain again. All on the caller's CPU; only the gateways' own time is taken, which is all
/// there is between a port's receive and another's transmit.
class Circuit {
  public:
    /// `lap` packets go round at a time. REQUIRES: the gateways are joined, their rings hold a lap.
    Circuit(BareGateway& near, BareGateway& far, std::size_t lap, std::vector<PlainPacket> packets);
    ~Circuit();
    Circuit(const Circuit&) = delete;
    Circuit& operator=(const Circuit&) = delete;

    /// TSC cycles that a lap took.
    struct Cycles {
        std::uint64_t sealing = 0;
        std::uint64_t opening = 0;
    };
    /// Throws std::runtime_error if a packet was lost.
    [[nodiscard]] Cycles lap();
    [[nodiscard]] std::size_t packets_per_lap() const { return resting_.size(); }

  private:
    void feed();

    BareGateway& near_;
    BareGateway& far_;
    std::vector<PlainPacket> packets_;
    std::size_t next_ = 0;
    std::vector<rte_mbuf*> resting_;
};

}  // namespace ringway::bench
