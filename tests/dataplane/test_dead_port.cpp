// A port whose link is down refuses for good: what stands before it must not hold up anything else.

#include <doctest/doctest.h>

#include "tests/support/flow.h"
#include "tests/support/test_network.h"

namespace ringway::tests {

namespace {

constexpr PortIndex kLan = TestGateway::kLan;
constexpr std::uint64_t kRing = 31;  ///< what a ring of 32 holds
constexpr std::uint64_t kStuck = kRing + dataplane::TxBuffer::kCapacity;
constexpr std::chrono::nanoseconds kPatience{dataplane::TxBuffer::kPatience};

/// Packets from b to the host behind a, whose port takes what its ring holds and no more.
struct DeadPort {
    TestNetwork network;
    TestGateway& a = network.add({.number = 1, .lan_tx_ring = 32});
    TestGateway& b = network.add({.number = 2});
    TestGateway& c = network.add({.number = 3});
    NumberedFlow flow{b, a, 1};

    DeadPort() {
        TestNetwork::join(a, b);
        TestNetwork::join(a, c);
        send(1);
        REQUIRE(take() == 1);
    }
    void send(int packets) {
        for (int i = 0; i < packets; ++i) {
            REQUIRE(b.receive_from_lan(flow.next()));
            if (i % 16 == 15) network.settle();
        }
        network.settle();
    }
    /// The port takes packets as long as any come. How many; each must be the next of the flow.
    std::uint64_t take() {
        std::uint64_t taken = 0;
        for (std::vector<Bytes> packets = a.take_lan(); !packets.empty(); packets = a.take_lan()) {
            for (const Bytes& packet : packets)
                CHECK(flow.arrived(packet));
            taken += packets.size();
            network.settle();
        }
        return taken;
    }
};

}  // namespace

TEST_CASE("a port that takes nothing for a second drops by name, and holds up nothing that goes elsewhere") {
    DeadPort t;
    t.send(200);
    const Bytes to_host =
        udp_packet({.source = t.b.host(Family::v4), .destination = t.a.lan(Family::v4)}, pattern(20, 1));
    REQUIRE(t.b.receive_from_lan(to_host));  // behind the 200 in the peer's queue
    t.network.settle();
    // A frame of the host stands before the initiation that c's session needs.
    REQUIRE(t.a.send_from_host(kLan, frame(t.a.host_mac(), t.a.mac(kLan), pattern(60, 1))));
    const Bytes to_c =
        udp_packet({.source = t.a.host(Family::v4), .destination = t.c.host(Family::v4)}, pattern(20, 1));
    REQUIRE(t.a.receive_from_lan(to_c));

    const auto expect_held_up = [&] {
        t.network.settle();
        CHECK(t.a.drop_names().empty());
        CHECK_FALSE(t.a.has_session(t.a.peer(t.c)));
        CHECK(t.a.take_host(TestGateway::kTunnelHost).empty());
        CHECK(t.network.accounts_balance());
    };
    expect_held_up();
    t.network.clock().advance(kPatience);
    expect_held_up();
    t.network.clock().advance(std::chrono::nanoseconds(1));
    t.network.settle();
    CHECK(t.a.drop_names() == "port_down=" + std::to_string(200 - kStuck + 1));
    CHECK(t.a.take_host(TestGateway::kTunnelHost).size() == 1);
    CHECK(t.c.take_lan() == std::vector<Bytes>{forwarded(forwarded(to_c))});
    CHECK(t.a.plane().in_flight() == dataplane::TxBuffer::kCapacity);
    CHECK(t.network.accounts_balance());
}

TEST_CASE("a port that was down takes packets again: from then on it is as patient as ever") {
    DeadPort t;
    t.send(static_cast<int>(kStuck) + 10);
    t.network.clock().advance(2 * kPatience);
    t.network.settle();
    CHECK(t.a.drop_names() == "port_down=10");
    CHECK(t.take() == kStuck);
    t.flow = NumberedFlow(t.b, t.a, 2);

    t.send(200);
    CHECK(t.a.drop_names() == "port_down=10");
    CHECK(t.take() == 200);
    CHECK(t.a.plane().in_flight() == 0);
    CHECK(t.network.accounts_balance());
}

}  // namespace ringway::tests
