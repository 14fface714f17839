// What the engine counts for people.

#include <doctest/doctest.h>

#include "tests/control/protocol/network.h"

namespace ringway::control::protocol::test {
namespace {

using dataplane::Distribution;

double seconds(const Distribution& distribution) {
    return static_cast<double>(distribution.sum_nanoseconds) * 1e-9;
}

std::uint64_t received(const Gateway& gateway, Verdict verdict) {
    return gateway.engine.statistics().tunnels[0].verdicts[static_cast<std::size_t>(verdict)];
}

}  // namespace

TEST_CASE("a handshake lasts a round trip, until the session can send, on either end") {
    Pair pair;
    pair.handshake();
    const Statistics& a = pair.a.engine.statistics();
    const Statistics& b = pair.b.engine.statistics();
    CHECK(a.initiated.read().count() == 1);
    CHECK(seconds(a.initiated.read()) == doctest::Approx(0.02));
    CHECK(a.responded.read().count() == 0);
    CHECK(b.responded.read().count() == 1);
    CHECK(seconds(b.responded.read()) == doctest::Approx(0.02));
    CHECK(b.initiated.read().count() == 0);
}

TEST_CASE("initiations that were lost count for how long the handshake took") {
    Pair pair;
    std::size_t lost = 0;
    pair.network.passes = [&](const Datagram& datagram) {
        return datagram.type() != crypto::MessageType::initiation || ++lost > 2;
    };
    pair.a.engine.on_session_wanted(0, pair.network.now());
    pair.network.run(30s);
    const Statistics& a = pair.a.engine.statistics();
    CHECK(a.tunnels[0].initiations_sent == 3);
    REQUIRE(a.initiated.read().count() == 1);
    CHECK(seconds(a.initiated.read()) > 10);
    CHECK(seconds(a.initiated.read()) < 11);
}

TEST_CASE("messages are counted by tunnel and verdict") {
    Pair pair;
    pair.handshake();
    (void)pair.b.receive(Bytes(7), pair.a.address);
    (void)pair.b.receive(Bytes(148, 1), pair.a.address, 2);
    CHECK(received(pair.b, Verdict::initiation_accepted) == 1);
    CHECK(received(pair.a, Verdict::response_accepted) == 1);
    CHECK(received(pair.b, Verdict::no_tunnel) == 0);
    CHECK(pair.b.engine.statistics().tunnels[2].verdicts[static_cast<std::size_t>(Verdict::no_tunnel)] == 1);
    CHECK(pair.a.engine.statistics().tunnels[0].initiations_sent == 1);
}

TEST_CASE("a peer is up while its session can send") {
    Pair pair;
    CHECK(pair.a.engine.peers_up(pair.network.now())[0] == 0);
    pair.handshake();
    CHECK(pair.a.engine.peers_up(pair.network.now())[0] == 1);
    CHECK(pair.b.engine.peers_up(pair.network.now())[0] == 1);
    CHECK(pair.a.engine.peers_up(pair.network.now() + ns(180s))[0] == 0);
}

}  // namespace ringway::control::protocol::test
