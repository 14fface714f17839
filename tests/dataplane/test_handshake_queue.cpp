// The queue of handshake messages: who floods it shuts out nobody else.

#include <doctest/doctest.h>

#include <vector>

#include "dataplane/packet.h"
#include "tests/dataplane/packet_table.h"

namespace ringway::tests {

using namespace std::chrono_literals;

namespace {

constexpr std::uint16_t kSecondPort = 51821;
constexpr dataplane::TunnelIndex kSecond = 1;

/// A gateway whose queue the test fills, with a second tunnel.
struct Flooded {
    Bench bench;
    TestGateway& gateway;

    Flooded() : gateway(bench.network.add({.number = 9, .packets = 20'000})) {
        control::TunnelSpec other;
        std::array<std::uint8_t, 32> key{1};
        other.private_key = crypto::PrivateKey(key);
        other.listen_port = kSecondPort;
        other.host = TestGateway::kSpareHost;
        gateway.core().add_tunnel(kSecond, std::move(other));
    }

    /// A message of an initiation's length, with or without mac2.
    [[nodiscard]] Bytes frame_of(std::uint16_t port, bool shows_cookie) const {
        Bytes message = bench.handshake(1, sizeof(crypto::MessageInitiation));
        if (!shows_cookie) std::fill(message.end() - crypto::kMacBytes, message.end(), std::uint8_t{0});
        const Udp headers{.source = bench.b.wan(Family::v4),
                          .destination = gateway.wan(Family::v4),
                          .source_port = TestGateway::kListenPort,
                          .destination_port = port};
        return frame(gateway.mac(kWan), bench.b.mac(kWan), udp_packet(headers, message));
    }
    /// Whether the queue took it; the control side has no turn.
    bool enters(std::uint16_t port, bool shows_cookie) {
        const std::uint64_t refused = gateway.drops(DropReason::handshake_queue_full);
        REQUIRE(gateway.receive(kWan, frame_of(port, shows_cookie)));
        (void)dataplane::poll(gateway.lcore(0));
        return gateway.drops(DropReason::handshake_queue_full) == refused;
    }
    /// How many enter before one is refused.
    std::size_t fill(std::uint16_t port, bool shows_cookie) {
        std::size_t count = 0;
        while (enters(port, shows_cookie))
            ++count;
        return count;
    }
};

}  // namespace

TEST_CASE("pattern: a flood of one tunnel shuts out another: each may hold as much as is free") {
    Flooded flooded;
    const std::size_t line = flooded.gateway.plane().handshakes.capacity() / 2;
    const std::size_t first = flooded.fill(TestGateway::kListenPort, false);
    CHECK(first == line / 2 + 1);
    const std::size_t second = flooded.fill(kSecondPort, false);
    CHECK(second >= line / 4);
    CHECK(second < line / 2);
    CHECK_FALSE(flooded.enters(TestGateway::kListenPort, false));

    // What was refused is under load; what was not is as deep as it is.
    CHECK(flooded.gateway.plane().handshakes.depth(TestGateway::kTunnel) ==
          flooded.gateway.plane().handshakes.capacity());
    CHECK(flooded.gateway.plane().handshakes.depth(TestGateway::kTunnel) == first);
    CHECK(flooded.gateway.accounts_balance());
    flooded.bench.network.settle();
    CHECK(flooded.gateway.plane().handshakes.depth(TestGateway::kTunnel) == 0);
    CHECK(flooded.gateway.plane().handshakes.depth(kSecond) == 0);
    CHECK(flooded.gateway.plane().in_flight() == 0);
    CHECK(flooded.gateway.accounts_balance());
}

TEST_CASE("pattern: cookied initiations stopped by the flood gate: they have a line of their own") {
    Flooded flooded;
    const std::size_t without = flooded.fill(TestGateway::kListenPort, false);
    CHECK(flooded.enters(TestGateway::kListenPort, true));
    // And they do not wait behind all that flood: half of what is taken at once is theirs.
    std::array<rte_mbuf*, 32> taken{};
    dataplane::HandshakeQueue& queue = flooded.gateway.plane().handshakes;
    REQUIRE(queue.pop_some(taken) == taken.size());
    rte_mbuf* first = taken[0];
    CHECK(dataplane::data(first)[dataplane::meta(first).message + sizeof(crypto::MessageInitiation) - 1] !=
          0);
    CHECK(queue.size() == without + 1 - taken.size());
    rte_pktmbuf_free_bulk(taken.data(), taken.size());

    // Nor can they keep the others out.
    (void)flooded.fill(TestGateway::kListenPort, true);
    CHECK(flooded.enters(TestGateway::kListenPort, false));
}

}  // namespace ringway::tests
