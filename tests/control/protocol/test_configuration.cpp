// Tunnels and peers that come, change and go.

#include <doctest/doctest.h>

#include "crypto/x25519.h"
#include "tests/control/protocol/network.h"

namespace ringway::control::protocol::test {
namespace {

using crypto::MessageType;

TEST_CASE("peers are found by tunnel and key, until they are removed") {
    Pair pair;
    CHECK(pair.a.engine.find_peer(0, pair.b.public_key()) == PeerId{0});
    CHECK_FALSE(pair.a.engine.find_peer(1, pair.b.public_key()));
    CHECK_FALSE(pair.a.engine.find_peer(0, pair.a.public_key()));
    CHECK_FALSE(pair.a.engine.add_peer(0, 5, pair.b.public_key(), {}, 0, pair.network.now()));
    CHECK_FALSE(pair.a.engine.status(5));
    pair.a.engine.remove_peer(0);
    CHECK_FALSE(pair.a.engine.find_peer(0, pair.b.public_key()));
    CHECK(pair.a.engine.add_peer(0, 5, pair.b.public_key(), {}, 0, pair.network.now()));
}

TEST_CASE("peers added together are as if they had been added one after the other") {
    constexpr PeerId kTwice = 72;
    Network network;
    Gateway& together = network.add_gateway();
    Gateway& singly = network.add_gateway();
    singly.engine.set_private_key(0, together.engine.identity(0)->private_key.copy());
    SeededRandom random(9);
    std::vector<NewPeer> peers;
    const auto want = [&](const crypto::PublicKey& key, std::uint16_t keepalive = 0) {
        peers.push_back({static_cast<PeerId>(peers.size()), key, {}, keepalive});
    };
    for (int i = 0; i < 70; ++i)
        want(crypto::x25519_base(make_private_key(random)), i % 2 == 0 ? 25 : 0);
    want(crypto::PublicKey{});
    want(together.public_key());
    want(peers[3].public_key);
    for (const NewPeer& peer : peers) {
        const bool added = singly.engine.add_peer(0, peer.peer, peer.public_key, {},
                                                  peer.persistent_keepalive_seconds, network.now());
        CHECK(added == (peer.peer != kTwice));
    }
    together.engine.add_peers(0, peers, network.now());
    for (Gateway* gateway : {&together, &singly}) {
        for (const NewPeer& peer : peers)
            gateway->plane.at(peer.peer).endpoint = {.remote = {.bytes = {10, 0, 0, 99}}, .remote_port = 1};
        gateway->engine.poll(network.now());
        CHECK(gateway->count_sent(MessageType::initiation) == 35);
    }
    for (const NewPeer& peer : peers) {
        CAPTURE(peer.peer);
        CHECK(peer.added == (peer.peer != kTwice));
        REQUIRE(together.engine.status(peer.peer).has_value() == peer.added);
        CHECK(together.engine.find_peer(0, peer.public_key) == singly.engine.find_peer(0, peer.public_key));
    }
}

TEST_CASE("a removed peer leaves no session, no index and no timer, and its late events are ignored") {
    Pair pair;
    pair.handshake();
    pair.network.run(10s);
    pair.network.passes = [](const Datagram&) { return false; };
    pair.a.engine.on_session_wanted(0, pair.network.now());
    CHECK(pair.a.plane.handshake_indices() == 1);
    pair.a.engine.remove_peer(0);
    CHECK(pair.a.plane.handshake_indices() == 0);
    CHECK(pair.a.plane.session_count() == 0);
    CHECK(pair.a.plane.at(0).sending == kNoSession);
    CHECK_FALSE(pair.a.engine.next_deadline());
    pair.a.engine.on_activity(0, pair.network.now());
    pair.a.engine.on_session_wanted(0, pair.network.now());
    pair.a.engine.on_receive_aging(0, pair.network.now());
    pair.a.engine.on_confirmed(0, 0, pair.network.now());
    pair.a.engine.remove_peer(0);
    pair.a.engine.on_session_wanted(123'456, pair.network.now());
    CHECK_FALSE(pair.a.engine.next_deadline());
    CHECK_FALSE(pair.a.engine.status(0));
}

TEST_CASE("a peer removed and added back within the clock's grain is accepted again") {
    Pair pair;
    pair.handshake();
    pair.network.run(21ms);
    // The wall clock stands still: without memory the second timestamp would be the first again.
    pair.a.wall_offset = -static_cast<std::int64_t>(ns(2s));
    pair.a.engine.remove_peer(0);
    pair.a.add_peer(pair.b);
    pair.a.plane.send_data(1, 4);
    pair.network.run(1s);
    CHECK(pair.b.plane.at(0).marks_received == std::vector<std::uint8_t>{4});
}

TEST_CASE("pattern: a clock jump locks a peer out: told why, and let in again by a reset") {
    Pair pair;
    const auto call = [&](std::uint64_t unix_seconds) {
        SeededRandom random(unix_seconds);
        const Bytes message =
            make_initiation(*pair.a.engine.identity(0), pair.b.public_key(),
                            crypto::Tai64n::from_unix(unix_seconds * 1'000'000'000), random);
        pair.network.run(1s);
        return pair.b.receive(message, pair.a.address);
    };
    constexpr std::uint64_t kNow = 1'700'000'000;
    constexpr std::uint64_t kTenYears = 315'000'000;
    CHECK(call(kNow + kTenYears) == Verdict::initiation_accepted);
    CHECK(call(kNow) == Verdict::replayed);
    CHECK(pair.b.status().troubles.refused_for == Verdict::replayed);
    pair.b.engine.forget_timestamp(0);
    CHECK(call(kNow + 1) == Verdict::initiation_accepted);
    CHECK(call(kNow + 1) == Verdict::replayed);
    pair.b.engine.forget_timestamp(1234);  // nobody
}

TEST_CASE("the last timestamp sent survives a restart with a clock that went back") {
    for (const bool restored : {false, true}) {
        CAPTURE(restored);
        Pair pair;
        pair.handshake();
        const crypto::Tai64n last = pair.a.engine.last_timestamp_sent();

        Gateway& again = pair.network.add_gateway();
        again.engine.set_private_key(0, pair.a.engine.identity(0)->private_key.copy());
        again.wall_offset = -static_cast<std::int64_t>(ns(24h));
        if (restored) again.engine.restore_last_timestamp(last);
        again.add_peer(pair.b);
        pair.network.run(10s);
        again.plane.send_data(0, 8);
        pair.network.run(30s);
        CHECK((again.status().current.has_value()) == restored);
        CHECK(pair.b.count(Verdict::replayed) == (restored ? 0 : 6));
        if (restored) CHECK(again.engine.last_timestamp_sent() > last);
    }
}

TEST_CASE("a wall clock stepped by an hour, back or forth and back again, costs no packet and no handshake") {
    for (const auto step : {std::chrono::hours(1), std::chrono::hours(-1)}) {
        CAPTURE(step.count());
        Pair pair;
        pair.handshake();
        std::size_t sent = 0;
        const auto talk = [&](std::chrono::seconds duration) {
            for (auto at = 0s; at < duration; at += 1s) {
                ++sent;
                pair.network.at(at, [&] {
                    pair.a.plane.send_data(0);
                    pair.b.plane.send_data(0);
                });
            }
            pair.network.run(duration);
        };
        talk(60s);
        pair.a.wall_offset += static_cast<std::int64_t>(ns(1h)) * step.count();
        talk(10min);
        pair.a.wall_offset -= static_cast<std::int64_t>(ns(1h)) * step.count();
        talk(10min);
        pair.network.run(1s);
        // Ten rekeys and more, each with a timestamp newer than the last, whatever the clock said.
        CHECK(pair.a.count_sent(MessageType::initiation) >= 10);
        CHECK(pair.a.count_sent(MessageType::initiation) == pair.b.count(Verdict::initiation_accepted));
        CHECK(pair.b.count(Verdict::replayed) == 0);
        CHECK(pair.a.plane.at(0).data_received == sent);
        CHECK(pair.b.plane.at(0).data_received == sent);
    }
}

TEST_CASE("a preshared key changed in mid-session counts from the next handshake") {
    Pair pair;
    pair.handshake();
    SeededRandom random(8);
    crypto::PresharedKey key;
    random.fill(key.span());
    pair.a.engine.set_preshared_key(0, key.copy());
    CHECK(pair.a.engine.preshared_key(0).equals(key));
    pair.a.plane.send_data(0);
    pair.network.run(10s);
    CHECK(pair.b.plane.at(0).data_received == 1);
    pair.a.engine.on_session_wanted(0, pair.network.now());
    pair.network.run(1s);
    CHECK(pair.a.status().problem == PeerProblem::bad_response);
    pair.b.engine.set_preshared_key(0, std::move(key));
    pair.network.run(6s);
    CHECK(pair.a.status().problem == PeerProblem::none);
}

TEST_CASE("a new private key ends all sessions of its tunnel and serves from then on") {
    Pair pair;
    pair.handshake();
    SeededRandom random(8);
    pair.a.engine.set_private_key(0, make_private_key(random));
    CHECK(pair.a.plane.session_count() == 0);
    CHECK(pair.a.plane.at(0).sending == kNoSession);
    pair.network.run(10s);

    pair.a.plane.send_data(0, 1);
    pair.network.run(1s);
    CHECK(pair.b.count(Verdict::unknown_peer) == 1);

    pair.b.engine.remove_peer(0);
    pair.b.add_peer(pair.a);
    pair.network.run(6s);
    CHECK(pair.b.plane.at(1).marks_received == std::vector<std::uint8_t>{1});
    pair.b.plane.send_data(1, 2);
    pair.network.run(1s);
    CHECK(pair.a.plane.at(0).marks_received == std::vector<std::uint8_t>{2});
}

TEST_CASE("a new private key in mid-handshake lets the handshake begin again") {
    Pair pair;
    SeededRandom random(8);
    pair.network.passes = [](const Datagram&) { return false; };
    pair.a.plane.send_data(0, 1);
    pair.a.engine.set_private_key(0, make_private_key(random));
    CHECK(pair.a.plane.handshake_indices() == 0);
    pair.b.engine.remove_peer(0);
    pair.b.add_peer(pair.a);
    pair.network.passes = [](const Datagram&) { return true; };
    pair.network.run(6s);
    CHECK(pair.b.plane.at(1).marks_received == std::vector<std::uint8_t>{1});
}

TEST_CASE("a tunnel without a key is silent until it gets one") {
    Network network;
    Gateway& a = network.add_gateway();
    Gateway& b = network.add_gateway();
    const auto key = a.engine.identity(0)->private_key.copy();
    b.add_peer(a);
    a.engine.set_private_key(0, {});
    CHECK(a.engine.identity(0) == nullptr);
    a.add_peer(b);
    a.plane.send_data(0);
    network.run(10s);
    CHECK(a.plane.sent.empty());
    CHECK(a.status().problem == PeerProblem::no_private_key);
    a.engine.set_private_key(0, key.copy());
    a.plane.send_data(0);
    network.run(1s);
    CHECK(b.plane.at(0).data_received == 1);
}

TEST_CASE("a tunnel is removed with its peers, and the others go on") {
    Pair pair;
    pair.handshake();
    pair.a.engine.add_tunnel(1, make_private_key(pair.a.random));
    REQUIRE(pair.a.engine.add_peer(1, 7, pair.b.public_key(), {}, 25, pair.network.now()));
    pair.a.engine.remove_tunnel(1);
    CHECK_FALSE(pair.a.engine.status(7));
    CHECK(pair.a.engine.identity(1) == nullptr);
    CHECK(pair.a.status().current);
    pair.a.engine.add_tunnel(1, make_private_key(pair.a.random));
    CHECK(pair.a.engine.identity(1) != nullptr);
}

TEST_CASE("a change of one peer leaves the sessions of the others alone") {
    Network network;
    Gateway& hub = network.add_gateway();
    Gateway& one = network.add_gateway();
    Gateway& two = network.add_gateway();
    hub.add_peer(one);
    hub.add_peer(two);
    one.add_peer(hub);
    two.add_peer(hub);
    one.plane.send_data(0);
    two.plane.send_data(0);
    network.run(1s);
    const auto before = hub.status(1).current;
    hub.engine.set_preshared_key(0, {});
    hub.engine.set_persistent_keepalive(0, 30, network.now());
    hub.engine.remove_peer(0);
    CHECK(hub.status(1).current->id == before->id);
    hub.plane.send_data(1);
    network.run(1s);
    CHECK(two.plane.at(0).data_received == 1);
}

TEST_CASE("status tells the last handshake by the wall clock") {
    Pair pair;
    CHECK(pair.a.status().problem == PeerProblem::never_tried);
    CHECK(pair.a.status().last_handshake_unix_ns == 0);
    pair.handshake();
    const std::uint64_t seconds = pair.a.status().last_handshake_unix_ns / 1'000'000'000;
    CHECK(seconds == 1'700'000'000 + 3600);
    CHECK(pair.a.status().problem == PeerProblem::none);
}

TEST_CASE("status tells that nobody answers") {
    Pair pair;
    pair.network.passes = [](const Datagram&) { return false; };
    pair.a.plane.send_data(0);
    CHECK(pair.a.status().handshake_under_way);
    CHECK(pair.a.status().initiations == 1);
    pair.network.run(11s);
    CHECK(pair.a.status().initiations == 3);
    CHECK(pair.a.status().problem == PeerProblem::no_answer);
}

}  // namespace
}  // namespace ringway::control::protocol::test
