// P1: after start-up neither the lcores nor the handshake path allocate.

#include <doctest/doctest.h>

#include <memory>

#include "crypto/blake2s.h"
#include "tests/support/allocation_count.h"
#include "tests/support/flow.h"
#include "tests/support/test_network.h"

namespace ringway::tests {

using namespace std::chrono_literals;

namespace {

/// Steps both gateways until the wire is quiet, counting allocations in the gateways alone.
std::size_t settle_counting(TestNetwork& network, std::initializer_list<TestGateway*> gateways) {
    std::size_t allocations = 0;
    for (int quiet = 0; quiet < 4;) {
        bool busy = network.move_frames() != 0;
        for (TestGateway* gateway : gateways) {
            const std::size_t before = allocations_of_this_thread();
            busy |= gateway->step();
            allocations += allocations_of_this_thread() - before;
        }
        quiet = busy ? 0 : quiet + 1;
    }
    return allocations;
}

}  // namespace

TEST_CASE("the counter counts") {
    const std::size_t before = allocations_of_this_thread();
    const auto something = std::make_unique<int>(1);
    CHECK(allocations_of_this_thread() - before == 1);
}

TEST_CASE("first handshake, traffic, rekeys, expiry, roaming: nothing allocates") {
    TestNetwork network;
    TestGateway& a = network.add({.number = 1});
    TestGateway& b = network.add({.number = 2});
    TestNetwork::join(a, b, {.preshared_key = true, .persistent_keepalive = 25});
    NumberedFlow there(a, b, 1);
    NumberedFlow back(b, a, 2, Family::v6);
    std::size_t allocations = 0;
    for (int second = 0; second < 1000; ++second) {
        for (int i = 0; i < 10; ++i) {
            REQUIRE(a.receive_from_lan(there.next()));
            REQUIRE(b.receive_from_lan(back.next()));
        }
        network.clock().advance(second % 400 == 399 ? 200s : 1s);
        allocations += settle_counting(network, {&a, &b});
        CHECK(b.take_lan().size() == 10);
        CHECK(a.take_lan().size() == 10);
    }
    CHECK(allocations == 0);
    CHECK(a.core().engine().status(a.peer(b))->last_handshake_unix_ns > 0);
}

TEST_CASE("in-band messages, more than an inbox holds: nothing allocates") {
    TestNetwork network;
    TestGateway& a = network.add({.number = 1});
    TestGateway& b = network.add({.number = 2});
    TestNetwork::join(a, b);
    const Bytes payload = pattern(1000, 1);
    std::size_t allocations = 0;
    for (int i = 0; i < 100; ++i) {
        const std::size_t before = allocations_of_this_thread();
        const bool sent = a.core().send_message(a.peer(b), payload).has_value();
        allocations += allocations_of_this_thread() - before;
        REQUIRE(sent);
        network.clock().advance(1s);
        allocations += settle_counting(network, {&a, &b});
    }
    CHECK(b.core().inbox().count() == control::Inbox::kMaxOfPeer);
    CHECK(network.drop_names().empty());
    CHECK(allocations == 0);
}

TEST_CASE("no session to be had, staging full, abandoned, retried: nothing allocates") {
    TestNetwork network;
    TestGateway& a = network.add({.number = 1});
    TestGateway& b = network.add({.number = 2});
    TestNetwork::join(a, b);
    network.set_tap([](unsigned, const Bytes&) { return std::vector<Bytes>{}; });
    NumberedFlow flow(a, b, 1);
    std::size_t allocations = 0;
    for (int second = 0; second < 300; ++second) {
        for (int i = 0; i < 10; ++i)
            REQUIRE(a.receive_from_lan(flow.next()));
        network.clock().advance(1s);
        allocations += settle_counting(network, {&a});
    }
    CHECK(a.drops(DropReason::staging_full) > 0);
    CHECK(allocations == 0);
}

TEST_CASE("a flood of bad initiations, some of them under load: nothing allocates") {
    TestNetwork network;
    TestGateway& a = network.add({.number = 1, .rx_ring = 4096, .packets = 8192});
    TestGateway& b = network.add({.number = 2});
    TestNetwork::join(a, b);
    SeededRandom random(5);
    Bytes initiation;
    network.set_tap([&](unsigned from, Bytes frame) {
        if (from == 2 && initiation.empty()) initiation = frame;
        return std::vector<Bytes>{std::move(frame)};
    });
    NumberedFlow flow(b, a, 1);
    REQUIRE(b.receive_from_lan(flow.next()));
    network.settle();
    REQUIRE(payload_of(packet_of(initiation)).size() == 148);

    // mac1 needs no secret: BLAKE2s keyed by a hash of the label and the public key.
    crypto::Blake2s hash;
    hash.update({reinterpret_cast<const std::uint8_t*>("mac1----"), 8});
    hash.update(a.public_key().bytes);
    std::array<std::uint8_t, 32> mac1_key{};
    hash.finish(mac1_key);

    std::size_t allocations = 0;
    for (int round = 0; round < 8; ++round) {
        // The later rounds are more than the control side takes at once: it is under load.
        const int messages = round < 4 ? 100 : 1500;
        for (int i = 0; i < messages; ++i) {
            Bytes packet = packet_of(initiation);
            Bytes message(payload_of(packet).begin(), payload_of(packet).end());
            // Unchanged (a replay), garbage inside, or garbage under a right mac1.
            if (i % 3 != 0) random.fill({message.data() + 4, message.size() - 36});
            if (i % 3 == 2) {
                crypto::blake2s({message.data() + 116, 16}, {message.data(), 116}, mac1_key);
            }
            const Udp headers{.source = address("10.0.0." + std::to_string(2 + random.below(200))),
                              .destination = a.wan(Family::v4),
                              .source_port = TestGateway::kListenPort,
                              .destination_port = TestGateway::kListenPort};
            REQUIRE(a.receive(TestGateway::kWan, frame(a.mac(TestGateway::kWan), b.mac(TestGateway::kWan),
                                                       udp_packet(headers, message))));
        }
        network.clock().advance(50ms);
        allocations += settle_counting(network, {&a});
    }
    CHECK(allocations == 0);
    CHECK(a.drops(DropReason::handshake_bad_mac1) > 0);
    CHECK(a.drops(DropReason::handshake_bad_static) > 0);
    CHECK(a.drops(DropReason::handshake_replayed) > 0);
    CHECK(a.drops(DropReason::handshake_cookie_sent) > 0);
    CHECK(network.accounts_balance());
}

}  // namespace ringway::tests
