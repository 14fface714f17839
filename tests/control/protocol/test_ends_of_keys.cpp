// When keys are gone: after three times REJECT_AFTER_TIME (WireGuard paper, section 6.2), or with the
// initiation that they were made for.

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/control/protocol/network.h"

namespace ringway::control::protocol::test {
namespace {

using crypto::MessageType;

TEST_CASE("all keys are zeroed after three times REJECT_AFTER_TIME without a new session") {
    Pair pair;
    pair.handshake();
    pair.network.run(538s);
    CHECK(pair.a.plane.session_count() == 1);
    CHECK(pair.b.plane.session_count() == 1);
    pair.network.run(2s);
    CHECK(pair.a.plane.session_count() == 0);
    CHECK(pair.b.plane.session_count() == 0);
    CHECK(pair.a.plane.at(0).sending == kNoSession);
    CHECK_FALSE(pair.a.status().current);
    CHECK_FALSE(pair.a.engine.next_deadline());
}

TEST_CASE("a new session has a time of its own, and gives the old one no more") {
    Pair pair;
    pair.handshake();
    pair.network.run(500s);
    pair.handshake();
    CHECK(pair.a.plane.session_count() == 2);
    pair.network.run(40s);
    CHECK(pair.a.plane.session_count() == 1);
    CHECK(pair.a.status().current);
    CHECK_FALSE(pair.a.status().previous);
    pair.network.run(490s);
    CHECK(pair.a.plane.session_count() == 1);
    pair.network.run(20s);
    CHECK(pair.a.plane.session_count() == 0);
}

TEST_CASE("handshakes that never get as far as a confirmed session do not keep older keys alive") {
    Pair pair;
    pair.handshake();
    const SessionId confirmed = pair.b.status().current->id;
    pair.network.run(400s);  // the session is too old to be used
    pair.network.passes = [](const Datagram& datagram) { return datagram.type() == MessageType::initiation; };
    for (auto at = 0s; at < 200s; at += 1s)
        pair.network.at(at, [&] { pair.a.plane.send_data(0); });
    pair.network.run(150s);
    CHECK(pair.b.count(Verdict::initiation_accepted) > 20);
    CHECK(pair.b.status().next);
    CHECK_FALSE(pair.b.status().current);
    CHECK(std::ranges::count(pair.b.plane.at(0).retired, confirmed) == 1);
}

TEST_CASE("an initiation whose turn to be repeated has come is forgotten, even if the next one must wait") {
    Pair pair;
    // b calls again and again and hears nothing, and each answer of a puts off a's own next call.
    pair.network.passes = [](const Datagram& datagram) { return datagram.type() == MessageType::initiation; };
    pair.a.plane.send_data(0);
    for (auto at = 3s; at < 60s; at += 3s) {
        pair.network.at(at, [&, at] {
            SeededRandom random(7);
            const auto later = crypto::Tai64n::from_unix(1'800'000'000'000'000'000ULL + ns(at));
            const Bytes call =
                make_initiation(*pair.b.engine.identity(0), pair.a.public_key(), later, random);
            (void)pair.a.receive(call, pair.b.address);
        });
    }
    pair.network.run(30s);
    CHECK(pair.a.count(Verdict::initiation_accepted) >= 9);
    CHECK(pair.a.status().handshake_under_way);
    CHECK(pair.a.count_sent(MessageType::initiation) == 1);
    CHECK(pair.a.plane.handshake_indices() == 0);
}

TEST_CASE("an unconfirmed session is zeroed, too") {
    Pair pair;
    pair.network.passes = [](const Datagram& datagram) { return datagram.type() == MessageType::initiation; };
    pair.a.engine.on_session_wanted(0, pair.network.now());
    pair.network.run(1s);
    CHECK(pair.b.status().next);
    pair.a.engine.remove_peer(0);
    pair.network.run(541s);
    CHECK(pair.b.plane.session_count() == 0);
}

}  // namespace
}  // namespace ringway::control::protocol::test
