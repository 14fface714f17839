// Bounds and where they bite: a sink that refuses makes admission drop before crypto (P7), and every
// packet stays accounted for.

#include <doctest/doctest.h>

#include "dataplane/bundle.h"
#include "tests/support/flow.h"
#include "tests/support/test_network.h"

namespace ringway::tests {

using namespace std::chrono_literals;

namespace {

void make_session(TestNetwork& network, TestGateway& a, TestGateway& b) {
    NumberedFlow hello(a, b, 99);
    REQUIRE(a.receive_from_lan(hello.next()));
    network.settle();
    REQUIRE(b.take_lan().size() == 1);
}

}  // namespace

TEST_CASE("a plain port that refuses: the inbound queue fills, then admission drops before crypto") {
    constexpr std::uint32_t kLimit = 256;
    TestNetwork network;
    TestGateway& a = network.add({.number = 1});
    TestGateway& b = network.add({.number = 2, .lan_tx_ring = 32, .queue_limit = kLimit});
    TestNetwork::join(a, b);
    make_session(network, a, b);

    NumberedFlow flow(a, b, 1);
    const std::uint64_t crypto_before = b.opened_or_sealed();
    for (int i = 0; i < 2000; ++i) {
        REQUIRE(a.receive_from_lan(flow.next()));
        if (i % 16 == 0) network.settle();
        CHECK(network.accounts_balance());
    }
    network.settle();
    const std::uint64_t dropped = b.drops(DropReason::inbound_queue_full);
    CHECK(b.drop_names() == "inbound_queue_full=" + std::to_string(dropped));
    CHECK(a.drop_names().empty());
    // What was dropped cost no crypto; what was opened fits the queue, the buffer and the ring.
    CHECK(dropped > 1500);
    CHECK(b.opened_or_sealed() - crypto_before == 2000 - dropped);
    CHECK(2000 - dropped <= kLimit + dataplane::TxBuffer::kCapacity + 32);
    CHECK(b.plane().in_flight() == 2000 - dropped - 31);

    // Once the sink takes packets again, the first ones come, in order.
    for (std::uint64_t i = 0; i < 2000 - dropped;) {
        network.settle();
        for (const Bytes& packet : b.take_lan()) {
            CHECK(flow.arrived(packet));
            ++i;
        }
    }
    CHECK(b.plane().in_flight() == 0);
    CHECK(network.accounts_balance());
}

TEST_CASE("an encrypted port that refuses: the outbound queue fills, then admission drops before crypto") {
    constexpr std::uint32_t kLimit = 256;
    TestNetwork network;
    TestGateway& a = network.add({.number = 1, .wan_tx_ring = 32, .queue_limit = kLimit});
    TestGateway& b = network.add({.number = 2});
    TestNetwork::join(a, b);
    make_session(network, a, b);

    NumberedFlow flow(a, b, 1);
    const std::uint64_t crypto_before = a.opened_or_sealed();
    for (int i = 0; i < 2000; ++i) {
        REQUIRE(a.receive_from_lan(flow.next()));
        (void)a.step();  // the wire stands still
        CHECK(a.accounts_balance());
    }
    const std::uint64_t dropped = a.drops(DropReason::outbound_queue_full);
    CHECK(a.drop_names() == "outbound_queue_full=" + std::to_string(dropped));
    CHECK(dropped > 1500);
    CHECK(a.opened_or_sealed() - crypto_before == 2000 - dropped);
    network.settle();
    std::uint64_t arrived = 0;
    for (const Bytes& packet : b.take_lan()) {
        CHECK(flow.arrived(packet));
        ++arrived;
    }
    CHECK(arrived == 2000 - dropped);
    CHECK(network.accounts_balance());
}

TEST_CASE("a crypto ring that refuses: the bundle keeps its place and leaves as counted drops") {
    TestNetwork network;
    TestGateway& a = network.add({.number = 1});
    TestGateway& b = network.add({.number = 2});
    TestNetwork::join(a, b);
    make_session(network, a, b);
    auto& ring = a.plane().crypto;
    dataplane::Bundle* nothing = nullptr;
    std::size_t filled = 0;
    while (ring.push(nothing))
        ++filled;

    NumberedFlow flow(a, b, 1);
    for (int i = 0; i < 10; ++i)
        REQUIRE(a.receive_from_lan(flow.next()));
    // Everything but crypto runs: rx links and finds the ring full, tx releases the dead bundle.
    dataplane::Lcore& lcore = a.lcore(0);
    auto crypto = std::move(lcore.crypto);
    (void)dataplane::poll(lcore);
    (void)dataplane::poll(lcore);
    CHECK(a.drops(DropReason::crypto_ring_full) == 10);
    CHECK(a.accounts_balance());
    CHECK(a.plane().bundles_in_use() == 0);

    lcore.crypto = std::move(crypto);
    for (; filled > 0; --filled)
        REQUIRE(ring.pop(nothing));
    make_session(network, a, b);  // and the session goes on
    CHECK(network.accounts_balance());
}

TEST_CASE("without free bundles packets are dropped by name, and one bundle back is enough to go on") {
    TestNetwork network;
    TestGateway& a = network.add({.number = 1});
    TestGateway& b = network.add({.number = 2});
    TestNetwork::join(a, b);
    make_session(network, a, b);
    std::vector<dataplane::Bundle*> taken;
    while (dataplane::Bundle* bundle = a.lcore(0).bundles.take(0))
        taken.push_back(bundle);
    NumberedFlow flow(a, b, 1);
    for (int i = 0; i < 10; ++i)
        REQUIRE(a.receive_from_lan(flow.next()));
    network.settle();
    CHECK(a.drops(DropReason::bundles_exhausted) == 10);
    CHECK(network.accounts_balance());
    for (dataplane::Bundle* bundle : taken)
        a.lcore(0).bundles.give(bundle);
    make_session(network, a, b);
}

TEST_CASE(
    "with the packet pool all but used up packets are dropped by name before crypto, until some come back") {
    constexpr unsigned kLeft = 16;
    TestNetwork network;
    TestGateway& a = network.add({.number = 1});
    TestGateway& b = network.add({.number = 2});
    TestNetwork::join(a, b);
    make_session(network, a, b);
    std::vector<rte_mbuf*> taken;
    while (rte_mempool_avail_count(a.plane().packets()) > kLeft)
        taken.push_back(a.plane().make_packet());
    for (int turn = 0; turn < 16; ++turn)  // lcores look at the pool now and then only
        network.step();

    NumberedFlow flow(a, b, 1);
    const std::uint64_t crypto_before = a.opened_or_sealed();
    for (int i = 0; i < 100; ++i) {
        REQUIRE(a.receive_from_lan(flow.next()));
        network.settle();
    }
    CHECK(a.drop_names() == "memory_short=100");
    CHECK(a.opened_or_sealed() == crypto_before);
    CHECK(a.plane().in_flight() == 0);
    CHECK(network.accounts_balance());

    // Nothing at all: who needs a packet for a message of our own does without, and tries again.
    while (rte_mbuf* packet = a.plane().make_packet())
        taken.push_back(packet);
    network.pass(130s);
    CHECK(a.plane().in_flight() == 0);

    for (rte_mbuf* packet : taken)
        rte_pktmbuf_free(packet);
    for (int turn = 0; turn < 16; ++turn)
        network.step();
    make_session(network, a, b);
    CHECK(network.accounts_balance());
}

TEST_CASE("without a session 128 packets wait, the oldest goes first, and all go when no session comes") {
    TestNetwork network;
    TestGateway& a = network.add({.number = 1});
    TestGateway& b = network.add({.number = 2});
    TestNetwork::join(a, b);
    bool deaf = true;
    network.set_tap([&](unsigned, Bytes frame) {
        return deaf ? std::vector<Bytes>{} : std::vector<Bytes>{std::move(frame)};
    });
    NumberedFlow flow(a, b, 1);
    for (int i = 0; i < 150; ++i) {
        REQUIRE(a.receive_from_lan(flow.next()));
        (void)a.step();
    }
    CHECK(a.drop_names() == "staging_full=22");
    CHECK(a.plane().in_flight() >= 128);
    CHECK(network.accounts_balance());
    SUBCASE("a session comes") {
        deaf = false;
        network.pass(6s);
        const std::vector<Bytes> arrived = b.take_lan();
        REQUIRE(arrived.size() == 128);
        for (int i = 0; i < 22; ++i)
            (void)flow.arrived(arrived[0]);  // those that are gone
        for (const Bytes& packet : arrived)
            CHECK(flow.arrived(packet));
    }
    SUBCASE("none comes") {
        network.pass(120s);
        CHECK(a.drop_names() == "staging_full=22 staging_abandoned=128");
        CHECK(a.plane().in_flight() == 0);
    }
    SUBCASE("the peer is removed") {
        a.core().remove_peer(a.peer(b));
        network.settle();
        CHECK(a.drops(DropReason::staging_abandoned) == 128);
        CHECK(a.plane().waiting.held() == 0);
    }
    CHECK(network.accounts_balance());
}

TEST_CASE("packets that wait never hold more than an eighth of the pool: the oldest of all goes first") {
    TestNetwork network;
    TestGateway& a = network.add({.number = 1, .packets = 1024});  // an eighth: 128
    std::vector<TestGateway*> others;
    for (unsigned n = 2; n <= 4; ++n) {
        others.push_back(&network.add({.number = n}));
        TestNetwork::join(a, *others.back());
    }
    network.set_tap([](unsigned, const Bytes&) { return std::vector<Bytes>{}; });
    std::vector<NumberedFlow> flows;
    for (TestGateway* other : others)
        flows.emplace_back(a, *other, 1);
    for (int i = 0; i < 60; ++i) {
        for (NumberedFlow& flow : flows) {
            REQUIRE(a.receive_from_lan(flow.next()));
            network.settle();
            CHECK(a.plane().waiting.held() <= 128);
        }
    }
    CHECK(a.drop_names() == "memory_short=52");
    CHECK(a.plane().waiting.held() == 128);
    CHECK(network.accounts_balance());
}

TEST_CASE("a host interface that nobody reads drops by name and holds up nothing else") {
    TestNetwork network;
    TestGateway& a = network.add({.number = 1, .host_queue = 63});
    TestGateway& b = network.add({.number = 2});
    TestNetwork::join(a, b);
    const Bytes to_us = udp_packet({.source = a.host(Family::v4), .destination = a.lan(Family::v4)}, {});
    for (int i = 0; i < 100; ++i) {
        REQUIRE(a.receive_from_lan(to_us));
        (void)a.step();
    }
    CHECK(a.drop_names() == "host_queue_full=37");
    make_session(network, a, b);
    CHECK(a.take_host(TestGateway::kLan).size() == 63);
    CHECK(network.accounts_balance());
}

TEST_CASE("a control side that does not keep up: handshake messages are dropped by name") {
    TestNetwork network;
    TestGateway& a = network.add({.number = 1, .packets = 12'000});
    TestGateway& b = network.add({.number = 2});
    TestNetwork::join(a, b);
    const Bytes initiation = pattern(148, 1);
    Bytes message = initiation;
    message[0] = 1;
    message[1] = message[2] = message[3] = 0;
    const Bytes packet = udp_packet({.source = b.wan(Family::v4),
                                     .destination = a.wan(Family::v4),
                                     .source_port = 51820,
                                     .destination_port = 51820},
                                    message);
    const Bytes wire = frame(a.mac(TestGateway::kWan), b.mac(TestGateway::kWan), packet);
    // Of the line for messages without mac2 a tunnel may hold as much as is free.
    const std::size_t room = a.plane().handshakes.capacity() / 4 + 1;
    for (std::size_t i = 0; i < room + 10; ++i) {
        REQUIRE(a.receive(TestGateway::kWan, wire));
        (void)dataplane::poll(a.lcore(0));
    }
    CHECK(a.drop_names() == "handshake_queue_full=10");
    CHECK(a.accounts_balance());
    network.settle();
    CHECK(a.plane().in_flight() == 0);
    CHECK(network.accounts_balance());
}

}  // namespace ringway::tests
