// Gateways as objects in one process, joined by a wire in virtual time: what a packet looks like at
// the far end, and that none is lost while sessions come and go.

#include <doctest/doctest.h>

#include <set>

#include "crypto/messages.h"
#include "tests/support/test_network.h"

namespace ringway::tests {

using namespace std::chrono_literals;

namespace {

/// A packet from the host behind one gateway to the host behind the other.
Bytes between(const TestGateway& from, const TestGateway& to, Family family, std::size_t payload,
              std::uint8_t seed = 1) {
    return udp_packet({.source = from.host(family), .destination = to.host(family)}, pattern(payload, seed));
}

Bytes forwarded_twice(const Bytes& packet) {
    return forwarded(forwarded(packet));
}

/// Sends one packet and expects exactly it at the far end.
void expect_passes(TestNetwork& network, TestGateway& from, TestGateway& to, const Bytes& packet) {
    REQUIRE(from.receive_from_lan(packet));
    network.settle();
    const std::vector<Bytes> arrived = to.take_lan();
    REQUIRE(arrived.size() == 1);
    CHECK(arrived[0] == forwarded_twice(packet));
    CHECK(network.accounts_balance());
}

/// Where peers went, as it was told.
struct Followed final : control::protocol::Observer {
    void peer_roamed(control::protocol::PeerId, const dataplane::Endpoint& before,
                     const dataplane::Endpoint& now) override {
        said += before.remote.to_string() + " to " + now.remote.to_string() + "\n";
    }
    std::string said;
};

std::string name_of(Family family) {
    return family == Family::v4 ? "v4" : "v6";
}

}  // namespace

TEST_CASE("packets pass both ways, byte for byte, in every pairing of outer and inner family") {
    for (const Family outer : {Family::v4, Family::v6}) {
        for (const Family inner : {Family::v4, Family::v6}) {
            for (const bool preshared_key : {false, true}) {
                CAPTURE(name_of(outer));
                CAPTURE(name_of(inner));
                CAPTURE(preshared_key);
                TestNetwork network;
                TestGateway& a = network.add({.number = 1});
                TestGateway& b = network.add({.number = 2});
                TestNetwork::join(a, b, {.endpoint = outer, .preshared_key = preshared_key});
                network.start_capture();

                // Sizes about every multiple of the padding, none and all that the MTU allows.
                for (const std::size_t size : {0, 1, 3, 4, 5, 15, 16, 17, 100, 1372}) {
                    CAPTURE(size);
                    expect_passes(network, a, b, between(a, b, inner, size));
                    expect_passes(network, b, a, between(b, a, inner, size, 77));
                }
                for (const Captured& captured : network.captured())
                    CHECK(checksums_right(packet_of(captured.frame)));
                CHECK(network.drop_names().empty());
            }
        }
    }
}

TEST_CASE("a tunnel has passed what its peers have, and every bundle took its time") {
    TestNetwork network;
    TestGateway& a = network.add({.number = 1});
    TestGateway& b = network.add({.number = 2});
    TestNetwork::join(a, b);
    for (std::uint8_t i = 0; i < 5; ++i)
        expect_passes(network, a, b, between(a, b, Family::v4, 100, i));
    expect_passes(network, b, a, between(b, a, Family::v4, 1000));

    for (TestGateway* gateway : {&a, &b}) {
        const dataplane::Peer& peer = gateway->plane().peers[gateway->peer(gateway == &a ? b : a)];
        const dataplane::Lcore& lcore = *gateway->plane().lcores[0];
        const dataplane::TunnelTraffic& tunnel = lcore.tx->traffic[TestGateway::kTunnel];
        CHECK(peer.tx_packets.get() > 0);
        CHECK(tunnel.tx_packets.get() == peer.tx_packets.get());
        CHECK(tunnel.tx_bytes.get() == peer.tx_bytes.get());
        CHECK(tunnel.rx_packets.get() == peer.rx_packets.get());
        CHECK(tunnel.rx_bytes.get() == peer.rx_bytes.get());

        dataplane::Distribution bundles;
        for (const auto& direction : lcore.times.bundles)
            bundles.add(direction.read());
        CHECK(bundles.count() >= lcore.counters.bundles.get());
        CHECK(bundles.sum_nanoseconds > 0);
        for (const auto& stage : lcore.times.stages)
            CHECK(stage.read().count() > 0);
    }
}

TEST_CASE("a preshared key on one side only makes no session, and the packets are dropped by name") {
    TestNetwork network;
    TestGateway& a = network.add({.number = 1});
    TestGateway& b = network.add({.number = 2});
    const PeerIndex peer = a.add_peer(b, {.preshared_key = true});
    (void)b.add_peer(a);
    REQUIRE(a.receive_from_lan(between(a, b, Family::v4, 10)));
    network.pass(120s);
    CHECK_FALSE(a.has_session(peer));
    CHECK(b.take_lan().empty());
    CHECK(a.drops(DropReason::handshake_bad_response) > 10);
    CHECK(a.drops(DropReason::staging_abandoned) == 1);
    CHECK(network.accounts_balance());
}

TEST_CASE("what Ethernet appends to a short packet stays outside the tunnel") {
    TestNetwork network;
    TestGateway& a = network.add({.number = 1});
    TestGateway& b = network.add({.number = 2});
    TestNetwork::join(a, b);
    const Bytes packet = between(a, b, Family::v4, 1);
    Bytes padded = frame(a.mac(TestGateway::kLan), a.host_mac(), packet);
    padded.resize(60, 0xee);
    REQUIRE(a.receive(TestGateway::kLan, padded));
    network.settle();
    CHECK(b.take_lan() == std::vector<Bytes>{forwarded_twice(packet)});
}

TEST_CASE("plaintext is padded with zeros to sixteen bytes, never past the MTU") {
    TestNetwork network;
    TestGateway& a = network.add({.number = 1});
    TestGateway& b = network.add({.number = 2});
    TestNetwork::join(a, b);
    expect_passes(network, a, b, between(a, b, Family::v4, 100));
    for (const auto& row :
         {std::pair{0, 32}, {4, 32}, {5, 48}, {20, 48}, {21, 64}, {1391, 1420}, {1392, 1420}}) {
        const int payload = row.first;
        const int sealed = row.second;
        CAPTURE(payload);
        network.start_capture();
        expect_passes(network, a, b, between(a, b, Family::v4, static_cast<std::size_t>(payload)));
        REQUIRE(network.captured().size() == 1);
        const Bytes outer = packet_of(network.captured()[0].frame);
        CHECK(payload_of(outer).size() == static_cast<std::size_t>(sealed) + crypto::kTransportMinimumBytes);
    }
}

TEST_CASE("three gateways: each pair has a session of its own") {
    TestNetwork network;
    TestGateway& a = network.add({.number = 1});
    TestGateway& b = network.add({.number = 2});
    TestGateway& c = network.add({.number = 3});
    TestNetwork::join(a, b);
    TestNetwork::join(b, c, {.endpoint = Family::v6});
    TestNetwork::join(a, c, {.preshared_key = true});
    const std::array<TestGateway*, 3> all{&a, &b, &c};
    for (int round = 0; round < 3; ++round) {
        for (TestGateway* from : all) {
            for (TestGateway* to : all) {
                if (from == to) continue;
                expect_passes(network, *from, *to, between(*from, *to, Family::v4, 50));
                expect_passes(network, *from, *to, between(*from, *to, Family::v6, 60));
            }
        }
        network.pass(61s);
    }
    CHECK(network.drop_names().empty());
}

TEST_CASE("hours of traffic: every rekey passes without one packet lost, repeated or overtaken") {
    for (const Family outer : {Family::v4, Family::v6}) {
        TestNetwork network;
        TestGateway& a = network.add({.number = 1});
        TestGateway& b = network.add({.number = 2});
        TestNetwork::join(a, b, {.endpoint = outer});
        // One begins, so that no two handshakes cross.
        expect_passes(network, a, b, between(a, b, Family::v4, 10));
        std::size_t initiations = 0;
        network.set_tap([&](unsigned, Bytes frame) {
            initiations += payload_of(packet_of(frame))[0] == 1 ? 1 : 0;
            return std::vector<Bytes>{std::move(frame)};
        });
        for (int second = 0; second < 2 * 3600; ++second) {
            const auto seed = static_cast<std::uint8_t>(second);
            std::vector<Bytes> expected_b;
            std::vector<Bytes> expected_a;
            for (const std::size_t size : {8, 300}) {
                const Bytes there = between(a, b, Family::v4, size, seed);
                const Bytes back = between(b, a, Family::v6, size, seed);
                REQUIRE(a.receive_from_lan(there));
                REQUIRE(b.receive_from_lan(back));
                expected_b.push_back(forwarded_twice(there));
                expected_a.push_back(forwarded_twice(back));
            }
            network.pass(1s);
            REQUIRE(b.take_lan() == expected_b);
            REQUIRE(a.take_lan() == expected_a);
        }
        CHECK(network.drop_names().empty());
        CHECK(initiations >= 58);
        CHECK(initiations <= 62);
        CHECK(network.accounts_balance());
    }
}

TEST_CASE("a peer that is not heard for long gets a new session with its next packet") {
    TestNetwork network;
    TestGateway& a = network.add({.number = 1});
    TestGateway& b = network.add({.number = 2});
    TestNetwork::join(a, b);
    for (int i = 0; i < 10; ++i) {
        expect_passes(network, a, b, between(a, b, Family::v4, 10));
        network.pass(std::chrono::minutes(20));
    }
    CHECK(network.drop_names().empty());
}

TEST_CASE("data that is only received is answered by one keepalive after ten seconds") {
    TestNetwork network;
    TestGateway& a = network.add({.number = 1});
    TestGateway& b = network.add({.number = 2});
    TestNetwork::join(a, b);
    expect_passes(network, a, b, between(a, b, Family::v4, 10));
    network.pass(30s);
    network.start_capture();
    const dataplane::Nanoseconds start = network.clock().now();
    expect_passes(network, a, b, between(a, b, Family::v4, 10));
    network.pass(9s);
    CHECK(network.captured().size() == 1);
    network.pass(2s);
    REQUIRE(network.captured().size() == 2);
    const Captured& keepalive = network.captured()[1];
    CHECK(keepalive.from == 2);
    CHECK(keepalive.at - start == 10'000'000'000);
    CHECK(payload_of(packet_of(keepalive.frame)).size() == crypto::kTransportMinimumBytes);
    network.pass(100s);
    CHECK(network.captured().size() == 2);
    CHECK(network.accounts_balance());
}

TEST_CASE("persistent keepalives keep to their interval") {
    TestNetwork network;
    TestGateway& a = network.add({.number = 1});
    TestGateway& b = network.add({.number = 2});
    (void)a.add_peer(b, {.persistent_keepalive = 25});
    (void)b.add_peer(a, {.endpoint = std::nullopt});
    network.pass(1s);
    network.start_capture();
    network.pass(100s);
    CHECK(network.captured().size() == 4);
    // And so the peer that knew no endpoint can be reached all the while.
    network.pass(1h);
    expect_passes(network, b, a, between(b, a, Family::v4, 10));
}

TEST_CASE("a peer that moves is answered where it was last heard, and only authentic packets move it") {
    for (const Family outer : {Family::v4, Family::v6}) {
        CAPTURE(name_of(outer));
        Followed followed;
        TestNetwork network;
        TestGateway& a = network.add({.number = 1});
        TestGateway& b = network.add({.number = 2});
        TestNetwork::join(a, b, {.endpoint = outer});
        expect_passes(network, a, b, between(a, b, Family::v4, 10));
        expect_passes(network, b, a, between(b, a, Family::v4, 10));

        b.core().set_observer(followed);
        const dataplane::IpAddress moved = address(outer == Family::v4 ? "10.0.0.200" : "fd00::200");
        const dataplane::IpAddress before = a.wan(outer);
        a.move_wan(moved);
        b.neighbour(TestGateway::kWan, moved, {a.mac(TestGateway::kWan), dataplane::NeighbourState::usable});
        Bytes first;
        network.set_tap([&](unsigned from, Bytes frame) {
            if (from == 1) first = frame;
            return std::vector<Bytes>{std::move(frame)};
        });
        expect_passes(network, a, b, between(a, b, Family::v4, 10));
        CHECK(b.plane().peers[b.peer(a)].endpoint.read().remote == moved);
        expect_passes(network, b, a, between(b, a, Family::v4, 10));

        // The same message from somewhere else, repeated and forged: neither counts.
        Bytes elsewhere = first;
        const std::size_t source = 14 + (outer == Family::v4 ? 12U + 3 : 8U + 15);
        elsewhere[source] = 99;
        Bytes outer_packet = packet_of(elsewhere);
        renew_checksum(outer_packet);
        elsewhere = frame(b.mac(TestGateway::kWan), a.mac(TestGateway::kWan), outer_packet);
        REQUIRE(b.receive(TestGateway::kWan, elsewhere));
        elsewhere.back() ^= 1;
        REQUIRE(b.receive(TestGateway::kWan, elsewhere));
        network.settle();
        CHECK(b.drops(DropReason::replayed) == 1);
        CHECK(b.drops(DropReason::auth_failed) == 1);
        CHECK(b.plane().peers[b.peer(a)].endpoint.read().remote == moved);
        CHECK(followed.said == before.to_string() + " to " + moved.to_string() + "\n");
    }
}

TEST_CASE("peer to peer through the gateway: allowed or forbidden by name, whoever forwards") {
    for (const bool allowed : {true, false}) {
        for (const bool through_host : {true, false}) {
            CAPTURE(allowed);
            CAPTURE(through_host);
            TestNetwork network;
            TestGateway& hub = network.add({.number = 1});
            TestGateway& a = network.add({.number = 2});
            TestGateway& b = network.add({.number = 3});
            TestNetwork::join(hub, a);
            TestNetwork::join(hub, b, {.endpoint = Family::v6});
            hub.core().set_forwarding(TestGateway::kTunnel, through_host, allowed, false);
            // The spokes reach each other's hosts by the hub.
            for (auto& [spoke, other] : {std::pair<TestGateway&, TestGateway&>{a, b}, {b, a}}) {
                const std::string net = "192.168." + std::to_string(other.number()) + ".0/24";
                spoke.core().add_allowed_ip(spoke.peer(hub), prefix(net));
                spoke.route(net, {.kind = dataplane::NextHop::Kind::tunnel, .tunnel = 0});
            }
            const Bytes packet = between(a, b, Family::v4, 40);
            REQUIRE(a.receive_from_lan(packet));
            network.settle();
            using Packets = std::vector<Bytes>;
            const bool passes = allowed && !through_host;
            const bool given = allowed && through_host;
            CHECK(b.take_lan() == (passes ? Packets{forwarded(forwarded_twice(packet))} : Packets{}));
            CHECK(hub.take_host(TestGateway::kTunnelHost) ==
                  (given ? Packets{forwarded(packet)} : Packets{}));
            CHECK(network.drop_names() == (allowed ? "" : "peer_to_peer=1"));
            CHECK(network.accounts_balance());
        }
    }
}

TEST_CASE("packets staged before a session leave in order with it, and before later ones") {
    TestNetwork network;
    TestGateway& a = network.add({.number = 1});
    TestGateway& b = network.add({.number = 2});
    TestNetwork::join(a, b);
    std::vector<Bytes> expected;
    for (std::uint8_t i = 0; i < 128; ++i) {
        const Bytes packet = between(a, b, Family::v4, 20, i);
        REQUIRE(a.receive_from_lan(packet));
        expected.push_back(forwarded_twice(packet));
        (void)a.step();
    }
    CHECK(a.accounts_balance());
    network.settle();
    CHECK(b.take_lan() == expected);
    CHECK(network.drop_names().empty());
}

TEST_CASE("a lossy, repeating, reordering wire loses only what it loses itself") {
    TestNetwork network;
    TestGateway& a = network.add({.number = 1});
    TestGateway& b = network.add({.number = 2});
    TestNetwork::join(a, b);
    SeededRandom random(7);
    std::vector<Bytes> held;
    std::size_t lost = 0;
    std::size_t repeated = 0;
    network.set_tap([&](unsigned, Bytes frame) {
        const bool is_data = payload_of(packet_of(frame)).size() > crypto::kTransportMinimumBytes &&
                             payload_of(packet_of(frame))[0] == 4;
        std::vector<Bytes> out;
        const std::uint32_t fate = random.below(10);
        if (!is_data || fate > 4) {
            out.push_back(std::move(frame));
        } else if (fate == 0) {
            ++lost;
        } else if (fate == 1) {
            ++repeated;
            out = {frame, frame};
        } else {
            held.push_back(std::move(frame));
        }
        if (held.size() > random.below(20)) {
            out.insert(out.end(), held.begin(), held.end());
            held.clear();
        }
        return out;
    });
    std::multiset<Bytes> arrived;
    constexpr int kPackets = 2000;
    for (int i = 0; i < kPackets; ++i) {
        std::array<std::uint8_t, 4> mark{static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(i >> 8)};
        REQUIRE(a.receive_from_lan(
            udp_packet({.source = a.host(Family::v4), .destination = b.host(Family::v4)}, mark)));
        network.pass(100ms);
        for (Bytes& packet : b.take_lan())
            arrived.insert(std::move(packet));
    }
    CHECK(lost > 50);
    CHECK(repeated > 50);
    CHECK(arrived.size() == kPackets - lost - held.size());
    CHECK(std::set<Bytes>(arrived.begin(), arrived.end()).size() == arrived.size());
    CHECK(b.drops(DropReason::replayed) == repeated);
    CHECK(network.drop_names() == "replayed=" + std::to_string(repeated));
    CHECK(network.accounts_balance());
}

}  // namespace ringway::tests
