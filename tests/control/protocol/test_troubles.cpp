// What the engine remembers for people of a peer that has no session.

#include <doctest/doctest.h>

#include "tests/control/protocol/network.h"

namespace ringway::control::protocol::test {
namespace {

using crypto::MessageType;

bool all_counts_are_zero(const PeerTroubles& troubles) {
    return troubles.unanswered == 0 && troubles.cookies == 0 && troubles.bad_responses == 0 &&
           troubles.unconfirmed == 0 && troubles.refused == 0;
}

/// An initiation of a's, made anew with that timestamp, as b receives it.
Verdict call(Pair& pair, std::uint64_t unix_seconds) {
    SeededRandom random(3);
    const Bytes message = make_initiation(*pair.a.engine.identity(0), pair.b.public_key(),
                                          crypto::Tai64n::from_unix(unix_seconds * 1'000'000'000), random);
    return pair.b.receive(message, pair.a.address);
}

crypto::PresharedKey some_preshared_key() {
    SeededRandom random(5);
    crypto::PresharedKey key;
    random.fill(key.span());
    return key;
}

}  // namespace

TEST_CASE("since when nobody answers outlives giving up, and ends with an answer") {
    Pair pair;
    pair.network.passes = [](const Datagram&) { return false; };
    const Nanoseconds begun = pair.network.now();
    pair.a.plane.send_data(0);
    pair.network.run(300s);
    CHECK_FALSE(pair.a.status().handshake_under_way);
    const PeerTroubles& troubles = pair.a.status().troubles;
    CHECK(troubles.unanswered == 20);
    CHECK(troubles.unanswered_since == begun);
    pair.a.plane.send_data(0);
    CHECK(pair.a.status().troubles.unanswered == 21);
    CHECK(pair.a.status().troubles.unanswered_since == begun);

    pair.network.passes = [](const Datagram&) { return true; };
    pair.network.run(10s);
    REQUIRE(pair.a.status().current);
    CHECK(all_counts_are_zero(pair.a.status().troubles));
}

TEST_CASE("a peer that is answered leaves no trouble at either end") {
    Pair pair;
    pair.handshake();
    CHECK(all_counts_are_zero(pair.a.status().troubles));
    CHECK(all_counts_are_zero(pair.b.status().troubles));
}

TEST_CASE("with another preshared key the caller sees bad responses, the called one unused sessions") {
    Network network;
    Gateway& a = network.add_gateway();
    Gateway& b = network.add_gateway();
    a.add_peer(b, true, some_preshared_key());
    b.add_peer(a);
    a.plane.send_data(0);
    network.run(11s);
    CHECK(a.status().troubles.bad_responses == 3);
    const PeerTroubles& troubles = b.status().troubles;
    CHECK(troubles.unconfirmed == 3);
    CHECK(network.now() - troubles.unconfirmed_since > ns(10s));
    CHECK(troubles.refused == 0);
}

TEST_CASE("a peer whose answers are lost on the way has unused sessions, until one arrives") {
    Pair pair;
    pair.network.passes = [&](const Datagram& datagram) { return datagram.type() != MessageType::response; };
    pair.a.plane.send_data(0);
    pair.network.run(6s);
    CHECK(pair.b.status().troubles.unconfirmed == 2);
    pair.network.passes = [](const Datagram&) { return true; };
    pair.network.run(6s);
    REQUIRE(pair.b.status().current);
    CHECK(pair.b.status().troubles.unconfirmed == 0);
}

TEST_CASE("initiations with an old timestamp are remembered: how many, and when the last one came") {
    Pair pair;
    CHECK(call(pair, 2000) == Verdict::initiation_accepted);
    pair.network.run(1s);
    CHECK(call(pair, 1000) == Verdict::replayed);
    pair.network.run(1s);
    CHECK(call(pair, 1001) == Verdict::replayed);
    const PeerTroubles& troubles = pair.b.status().troubles;
    CHECK(troubles.refused == 2);
    CHECK(troubles.refused_for == Verdict::replayed);
    CHECK(troubles.refused_at == pair.network.now());
}

TEST_CASE("initiations that come too fast are remembered as such") {
    Pair pair;
    CHECK(call(pair, 1000) == Verdict::initiation_accepted);
    CHECK(call(pair, 1001) == Verdict::flood);
    CHECK(pair.b.status().troubles.refused_for == Verdict::flood);
}

TEST_CASE("without room for a session an initiation is remembered as refused for that") {
    Pair pair;
    pair.b.plane.session_limit = 0;
    CHECK(call(pair, 1000) == Verdict::no_session);
    CHECK(pair.b.status().troubles.refused_for == Verdict::no_session);
    CHECK(pair.b.status().troubles.unconfirmed == 0);
}

TEST_CASE("cookies that come in place of an answer are counted") {
    Pair pair;
    pair.b.queue_depth = 4096;
    // What carries a good cookie is lost, so each retry after the cookie's end gets another.
    pair.network.passes = [&](const Datagram& datagram) { return datagram.type() != MessageType::response; };
    pair.a.plane.send_data(0);
    pair.network.run(1s);
    CHECK(pair.a.status().troubles.cookies == 1);
    CHECK(pair.a.status().problem == PeerProblem::under_load);
    CHECK(pair.a.status().troubles.unanswered == 1);
}

TEST_CASE("a peer that answers with cookies only is in a loop that can be seen") {
    Pair pair;
    pair.b.queue_depth = 4096;
    // A way that changes our address for each message: no cookie of before is good.
    std::uint16_t port = 1;
    pair.network.passes = [&](const Datagram& datagram) {
        if (datagram.type() != MessageType::initiation) return true;
        pair.network.at(10ms, [&pair, datagram, from = ++port] {
            dataplane::Endpoint source = datagram.from;
            source.remote_port = from;
            (void)pair.b.receive(datagram.bytes, source);
            // Back through the same translation.
            (void)pair.a.receive(pair.b.last_sent(MessageType::cookie_reply), pair.b.address);
        });
        return false;
    };
    pair.a.plane.send_data(0);
    pair.network.run(30s);
    CHECK(pair.a.status().troubles.cookies == pair.a.status().troubles.unanswered);
    CHECK(pair.a.status().troubles.cookies >= 5);
}

TEST_CASE("a caller with an unknown key is found by its address, and as the last one") {
    Pair pair;
    Gateway& stranger = pair.network.add_gateway();
    stranger.add_peer(pair.b);
    stranger.plane.send_data(0);
    pair.network.run(1s);
    const auto found = pair.b.engine.strangers().at(0, stranger.address);
    REQUIRE(found);
    CHECK(found->verdict == Verdict::unknown_peer);
    CHECK(found->key == stranger.public_key());
    CHECK(pair.b.engine.strangers().last_unknown(0)->key == stranger.public_key());
    CHECK_FALSE(pair.b.engine.strangers().at(1, stranger.address));
    CHECK_FALSE(pair.b.engine.strangers().at(0, pair.a.address));
}

TEST_CASE("a caller that has a wrong key for us is found by its address") {
    Pair pair;
    Bytes message(sizeof(crypto::MessageInitiation));
    message[0] = 1;
    CHECK(pair.b.receive(message, pair.a.address) == Verdict::bad_mac1);
    CHECK(pair.b.engine.strangers().at(0, pair.a.address)->verdict == Verdict::bad_mac1);
    CHECK_FALSE(pair.b.engine.strangers().last_unknown(0));
}

TEST_CASE("of many strangers the last ones are kept, one for each address") {
    Strangers strangers;
    dataplane::Endpoint from;
    for (std::uint16_t port = 1; port <= 1000; ++port) {
        from.remote_port = port;
        strangers.note({.from = from, .at = port});
        strangers.note({.from = from, .verdict = Verdict::bad_mac1, .at = port});
    }
    CHECK(strangers.at(0, from)->verdict == Verdict::bad_mac1);
    from.remote_port = 985;
    CHECK(strangers.at(0, from));
    from.remote_port = 984;
    CHECK_FALSE(strangers.at(0, from));
    CHECK_FALSE(strangers.last_unknown(0));
}

}  // namespace ringway::control::protocol::test
