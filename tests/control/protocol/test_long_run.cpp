// Hours of protocol in milliseconds: bad wires, many peers.

#include <doctest/doctest.h>

#include "tests/control/protocol/network.h"

namespace ringway::control::protocol::test {
namespace {

using crypto::MessageType;

TEST_CASE("six hours over a wire that loses, repeats and reorders: always in touch, nothing leaks") {
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        CAPTURE(seed);
        Pair pair(seed);
        pair.network.loss = 0.2;
        pair.network.duplication = 0.2;
        pair.network.jitter = 200ms;
        std::mt19937_64 random(seed);
        const Nanoseconds end = pair.network.now() + ns(6h);
        std::size_t before = 0;
        Nanoseconds heard_at = pair.network.now();
        while (pair.network.now() < end) {
            // Bursts of traffic either way, and pauses up to ten minutes.
            const bool a_sends = random() % 2 == 0;
            const bool b_sends = !a_sends || random() % 2 == 0;
            for (auto at = 0ms; at < 200s; at += 500ms) {
                pair.network.at(at, [&, a_sends, b_sends] {
                    if (a_sends) pair.a.plane.send_data(0);
                    if (b_sends) pair.b.plane.send_data(0);
                });
            }
            for (int i = 0; i < 20; ++i) {
                pair.network.run(10s);
                const std::size_t received =
                    pair.a.plane.at(0).data_received + pair.b.plane.at(0).data_received;
                if (received != before) heard_at = pair.network.now();
                before = received;
                REQUIRE(pair.network.now() - heard_at < ns(60s));
                REQUIRE(pair.a.plane.session_count() <= 3);
                REQUIRE(pair.b.plane.session_count() <= 3);
                REQUIRE(pair.a.plane.handshake_indices() <= 1);
                REQUIRE(pair.b.plane.handshake_indices() <= 1);
            }
            pair.network.run(std::chrono::seconds(random() % 600));
            heard_at = pair.network.now();
        }
        pair.network.run(1200s);
        CHECK(pair.a.plane.session_count() == 0);
        CHECK(pair.b.plane.session_count() == 0);
        CHECK(pair.a.plane.handshake_indices() == 0);
        CHECK(pair.b.plane.handshake_indices() == 0);
    }
}

TEST_CASE("reordering alone loses nothing over an hour of rekeys in both directions") {
    Pair pair;
    pair.network.jitter = 50ms;
    for (auto at = 0ms; at < 1h; at += 200ms) {
        pair.network.at(at, [&] {
            pair.a.plane.send_data(0);
            pair.b.plane.send_data(0);
        });
    }
    pair.network.run(1h);
    pair.network.run(1s);
    CHECK(pair.a.plane.at(0).data_received == 18'000);
    CHECK(pair.b.plane.at(0).data_received == 18'000);
    CHECK(pair.a.count_sent(MessageType::initiation) + pair.b.count_sent(MessageType::initiation) <= 32);
}

TEST_CASE("a thousand peers of one gateway make their sessions, rekey, and fall silent") {
    constexpr PeerId kPeers = 1000;
    Network network;
    Gateway& hub = network.add_gateway();
    Gateway& crowd = network.add_gateway({.max_peers = kPeers, .max_tunnels = kPeers});
    for (PeerId id = 0; id < kPeers; ++id) {
        if (id > 0) crowd.engine.add_tunnel(id, make_private_key(crowd.random));
        crowd.plane.at(id).tunnel = id;
        crowd.plane.at(id).endpoint = hub.address;
        REQUIRE(crowd.engine.add_peer(id, id, hub.public_key(), {}, 0, network.now()));
        REQUIRE(hub.engine.add_peer(0, id, crowd.engine.identity(id)->public_key, {}, 0, network.now()));
    }
    for (auto at = 0s; at < 150s; at += 10s) {
        network.at(at, [&] {
            for (PeerId id = 0; id < kPeers; ++id)
                crowd.plane.send_data(id);
        });
    }
    network.run(151s);
    CHECK(hub.count(Verdict::initiation_accepted) == 2 * kPeers);
    CHECK(hub.plane.session_count() == 2 * kPeers);
    for (PeerId id = 0; id < kPeers; ++id)
        REQUIRE(hub.plane.at(id).data_received == 15);
    network.run(600s);
    CHECK(hub.plane.session_count() == 0);
    CHECK(crowd.plane.session_count() == 0);
    CHECK_FALSE(hub.engine.next_deadline());
    CHECK_FALSE(crowd.engine.next_deadline());
}

}  // namespace
}  // namespace ringway::control::protocol::test
