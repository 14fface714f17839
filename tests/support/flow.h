#pragma once

// A numbered flow of packets, for tests that ask whether every one arrived and in order.

#include <cstring>

#include "tests/support/test_gateway.h"

namespace ringway::tests {

/// Packets from the host behind one gateway to the host behind another, each with the flow's number and
/// its own inside.
class NumberedFlow {
  public:
    NumberedFlow(const TestGateway& from, const TestGateway& to, std::uint16_t flow,
                 Family family = Family::v4)
        : packet_(udp_packet({.source = from.host(family),
                              .destination = to.host(family),
                              .source_port = flow,
                              .destination_port = flow},
                             pattern(sizeof(std::uint64_t), 0))) {}

    /// The next packet. (The UDP checksum, which no router looks at, is that of number zero.)
    [[nodiscard]] const Bytes& next() {
        std::memcpy(packet_.data() + packet_.size() - sizeof(sent_), &sent_, sizeof(sent_));
        ++sent_;
        return packet_;
    }
    /// The packet next() gave did not go out after all.
    void take_back() { --sent_; }
    /// True if the packet at the far end is the one that must come now.
    [[nodiscard]] bool arrived(std::span<const std::uint8_t> packet) {
        std::uint64_t number = 0;
        std::memcpy(&number, packet.data() + packet.size() - sizeof(number), sizeof(number));
        return number == arrived_++;
    }
    /// Whether a packet at the far end is of this flow.
    [[nodiscard]] bool owns(std::span<const std::uint8_t> packet) const {
        if (packet.size() != packet_.size()) return false;
        const std::size_t port = packet.size() - sizeof(std::uint64_t) - sizeof(dataplane::UdpHeader);
        return std::memcmp(packet.data() + port, packet_.data() + port, sizeof(std::uint16_t)) == 0;
    }

    [[nodiscard]] std::uint64_t sent() const { return sent_; }
    [[nodiscard]] std::uint64_t arrived() const { return arrived_; }
    [[nodiscard]] std::uint64_t under_way() const { return sent_ - arrived_; }

  private:
    Bytes packet_;
    std::uint64_t sent_ = 0;
    std::uint64_t arrived_ = 0;
};

}  // namespace ringway::tests
