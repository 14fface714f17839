// The timers of the protocol (WireGuard paper, section 6), in virtual time; those that end keys are in
// test_ends_of_keys.cpp.

#include <doctest/doctest.h>

#include <set>

#include "tests/control/protocol/network.h"

namespace ringway::control::protocol::test {
namespace {

using crypto::MessageType;

std::vector<Nanoseconds> times_sent(const Gateway& gateway, MessageType type) {
    std::vector<Nanoseconds> times;
    for (const Sent& sent : gateway.plane.sent) {
        if (sent.type == type) times.push_back(sent.at);
    }
    return times;
}

/// A pair of which `b` can't be heard.
struct MutePair : Pair {
    explicit MutePair(std::uint64_t seed = 1) : Pair(seed) { mute(); }
    void mute() {
        network.passes = [this](const Datagram& datagram) {
            return datagram.from.remote != b.address.remote;
        };
    }
};

/// A packet in each direction every 100 ms.
void chatter(Pair& pair, std::chrono::seconds duration) {
    for (auto at = 0ms; at < duration; at += 100ms) {
        pair.network.at(at, [&] {
            pair.a.plane.send_data(0);
            pair.b.plane.send_data(0);
        });
    }
    pair.network.run(duration);
}

TEST_CASE("an initiation is repeated after REKEY_TIMEOUT and up to 333 ms of jitter") {
    std::set<Nanoseconds> gaps;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        MutePair pair(seed);
        pair.a.plane.send_data(0);
        pair.network.run(60s);
        const auto times = times_sent(pair.a, MessageType::initiation);
        REQUIRE(times.size() >= 11);
        for (std::size_t i = 1; i < times.size(); ++i) {
            const Nanoseconds gap = times[i] - times[i - 1];
            CHECK(gap >= ns(5s));
            CHECK(gap < ns(5333ms));
            gaps.insert(gap);
        }
    }
    CHECK(gaps.size() > 100);
    CHECK(*gaps.begin() < ns(5050ms));
    CHECK(*gaps.rbegin() > ns(5283ms));
}

TEST_CASE("a handshake without an answer is given up after its attempts, and what was staged is dropped") {
    MutePair pair;
    pair.a.plane.send_data(0);
    pair.network.run(90s);
    CHECK(pair.a.status().handshake_under_way);
    CHECK(pair.a.plane.at(0).staged.size() == 1);
    pair.network.run(20s);
    CHECK_FALSE(pair.a.status().handshake_under_way);
    CHECK(pair.a.status().problem == PeerProblem::no_answer);
    CHECK(pair.a.plane.at(0).staged_dropped == 1);
    CHECK(pair.a.count_sent(MessageType::initiation) == 20);
    CHECK(pair.a.plane.handshake_indices() == 0);
    pair.network.run(3600s);
    CHECK(pair.a.count_sent(MessageType::initiation) == 20);
    CHECK_FALSE(pair.a.engine.next_deadline());
}

TEST_CASE("new packets renew the patience of a handshake, but not its pace") {
    MutePair pair;
    for (auto at = 0s; at < 300s; at += 1s)
        pair.network.at(at, [&] { pair.a.plane.send_data(0); });
    pair.network.run(300s);
    CHECK(pair.a.status().handshake_under_way);
    const auto times = times_sent(pair.a, MessageType::initiation);
    CHECK(times.size() <= 61);
    CHECK(times.size() >= 56);
    CHECK(pair.a.plane.at(0).staged_dropped == 0);
    CHECK(pair.a.plane.at(0).staged.size() == 300);
    pair.network.run(110s);
    CHECK_FALSE(pair.a.status().handshake_under_way);
}

TEST_CASE("after giving up, new packets begin a new handshake") {
    MutePair pair;
    pair.a.plane.send_data(0);
    pair.network.run(200s);
    pair.network.passes = [](const Datagram&) { return true; };
    pair.a.plane.send_data(0, 7);
    pair.network.run(1s);
    CHECK(pair.b.plane.at(0).marks_received == std::vector<std::uint8_t>{7});
}

TEST_CASE("every retry forgets the local half of the endpoint, the first initiation does not") {
    MutePair pair;
    pair.a.plane.send_data(0);
    pair.network.run(30s);
    const auto times = times_sent(pair.a, MessageType::initiation);
    REQUIRE(times.size() > 3);
    CHECK(pair.a.plane.at(0).source_cleared == std::vector<Nanoseconds>(times.begin() + 1, times.end()));
}

TEST_CASE("initiations to one peer keep REKEY_TIMEOUT apart, whatever is wanted") {
    Pair pair;
    for (auto at = 0ms; at < 60s; at += 10ms) {
        pair.network.at(at, [&] { pair.a.engine.on_session_wanted(0, pair.network.now()); });
    }
    pair.network.run(60s);
    const auto times = times_sent(pair.a, MessageType::initiation);
    REQUIRE(times.size() > 5);
    for (std::size_t i = 1; i < times.size(); ++i)
        CHECK(times[i] - times[i - 1] >= ns(5s));
}

TEST_CASE("a session wanted too soon after our response is had when its time comes") {
    Pair pair;
    pair.network.passes = [](const Datagram& datagram) { return datagram.type() != MessageType::response; };
    pair.a.engine.on_session_wanted(0, pair.network.now());
    pair.network.run(100ms);
    pair.a.engine.remove_peer(0);
    pair.a.add_peer(pair.b);  // forgets that it had begun; now peer 1
    pair.b.plane.send_data(0, 9);
    pair.network.passes = [](const Datagram&) { return true; };
    pair.network.run(4s);
    CHECK(pair.b.count_sent(MessageType::initiation) == 0);
    pair.network.run(2s);
    CHECK(pair.b.count_sent(MessageType::initiation) == 1);
    CHECK(pair.b.plane.at(0).source_cleared.empty());
    CHECK(pair.a.plane.at(1).marks_received == std::vector<std::uint8_t>{9});
}

TEST_CASE("only the initiator rekeys after REKEY_AFTER_TIME, and not one packet is lost") {
    Pair pair;
    pair.handshake();
    const Nanoseconds born = pair.a.status().current->born;
    chatter(pair, 119s);
    CHECK(pair.a.count_sent(MessageType::initiation) == 1);
    chatter(pair, 81s);
    CHECK(pair.a.count_sent(MessageType::initiation) == 2);
    CHECK(pair.b.count_sent(MessageType::initiation) == 0);
    const Nanoseconds rekeyed = times_sent(pair.a, MessageType::initiation).back();
    CHECK(rekeyed - born >= ns(120s));
    CHECK(rekeyed - born < ns(121s));
    pair.network.run(1s);
    CHECK(pair.a.plane.at(0).data_received == 2000);
    CHECK(pair.b.plane.at(0).data_received == 2000);
}

TEST_CASE("an initiator that receives on an aging session rekeys at once, before it is too old") {
    Pair pair;
    pair.handshake();
    pair.network.run(166s);
    const Nanoseconds sent_at = pair.network.now();
    pair.b.plane.send_data(0);
    pair.network.run(1s);
    CHECK(pair.a.count(Verdict::response_accepted) == 2);
    CHECK(times_sent(pair.a, MessageType::initiation).back() == sent_at + ns(10ms));
}

TEST_CASE("receiving on an aging session asks for one handshake only, at 165 s") {
    MutePair pair;
    pair.network.passes = [](const Datagram&) { return true; };
    pair.handshake();
    const Nanoseconds born = pair.a.status().current->born;
    pair.network.passes = [](const Datagram&) { return false; };
    const auto at_age = [&](std::chrono::seconds age) { return born + ns(age); };
    pair.a.engine.on_receive_aging(0, at_age(164s));
    CHECK_FALSE(pair.a.status().handshake_under_way);
    pair.network.run(std::chrono::nanoseconds(at_age(166s) - pair.network.now()));
    pair.a.engine.on_receive_aging(0, pair.network.now());
    CHECK(pair.a.status().handshake_under_way);
    CHECK(pair.a.count_sent(MessageType::initiation) == 2);
    pair.network.run(120s);  // given up
    REQUIRE_FALSE(pair.a.status().handshake_under_way);
    pair.a.engine.on_receive_aging(0, pair.network.now());
    CHECK_FALSE(pair.a.status().handshake_under_way);

    pair.network.passes = [](const Datagram&) { return true; };
    pair.handshake();
    pair.network.run(170s);
    pair.a.engine.on_receive_aging(0, pair.network.now());
    CHECK(pair.a.status().handshake_under_way);
}

TEST_CASE("a responder never rekeys because of age") {
    Pair pair;
    pair.handshake();
    pair.network.run(170s);
    pair.b.engine.on_receive_aging(0, pair.network.now());
    CHECK_FALSE(pair.b.status().handshake_under_way);
}

TEST_CASE(
    "a session is no good after REJECT_AFTER_TIME: packets wait for a new one, and no keepalive is sent") {
    Pair pair;
    pair.handshake();
    pair.network.run(172s);
    pair.network.passes = [](const Datagram& datagram) { return datagram.type() == MessageType::transport; };
    pair.b.plane.send_data(0, 1);
    pair.network.run(7s);
    CHECK(pair.a.plane.at(0).data_received == 1);
    pair.a.plane.sent.clear();
    pair.network.run(10s);
    CHECK(pair.a.keepalives_sent() == 0);
    CHECK(pair.a.count_sent(MessageType::initiation) > 0);
    pair.b.plane.send_data(0, 2);
    CHECK(pair.b.plane.at(0).staged.size() == 1);
    pair.network.passes = [](const Datagram&) { return true; };
    pair.network.run(12s);
    CHECK(pair.a.plane.at(0).marks_received == std::vector<std::uint8_t>{1, 2});
}

TEST_CASE("data that gets no answer is followed by a keepalive from its receiver after 10 s") {
    Pair pair;
    pair.handshake();
    pair.network.run(20s);
    pair.b.plane.sent.clear();
    const Nanoseconds sent_at = pair.network.now();
    pair.a.plane.send_data(0);
    pair.network.run(9s);
    CHECK(pair.b.plane.sent.empty());
    pair.network.run(2s);
    REQUIRE(pair.b.keepalives_sent() == 1);
    CHECK(pair.b.plane.sent.back().at == sent_at + ns(10ms) + ns(10s));
    pair.network.run(60s);
    CHECK(pair.b.keepalives_sent() == 1);
}

TEST_CASE("any packet sent in time saves the keepalive") {
    Pair pair;
    pair.handshake();
    pair.network.run(20s);
    pair.a.plane.sent.clear();
    pair.b.plane.sent.clear();
    for (int i = 0; i < 5; ++i) {
        pair.a.plane.send_data(0);
        pair.network.run(9s);
        pair.b.plane.send_data(0);
        pair.network.run(1s);
    }
    CHECK(pair.b.keepalives_sent() == 0);
}

TEST_CASE("a handshake message is a sign of life, too: it saves the keepalive") {
    MutePair pair;
    pair.network.passes = [](const Datagram&) { return true; };
    pair.handshake();
    pair.network.run(20s);
    pair.b.plane.sent.clear();
    pair.a.plane.send_data(0);
    pair.network.run(5s);
    pair.mute();
    pair.b.engine.on_session_wanted(0, pair.network.now());
    pair.network.run(20s);
    CHECK(pair.b.count_sent(MessageType::initiation) > 0);
    CHECK(pair.b.keepalives_sent() == 0);
}

TEST_CASE("a keepalive that is slow to leave is not ordered again and again") {
    Pair pair;
    pair.handshake();
    pair.network.run(20s);
    pair.b.plane.stamps_lag = true;
    pair.a.plane.send_data(0);
    pair.network.run(35s);
    CHECK(pair.b.keepalives_sent() == 3);
}

TEST_CASE("one-way data is answered by a keepalive every 10 s") {
    Pair pair;
    pair.handshake();
    for (auto at = 0ms; at < 100s; at += 100ms)
        pair.network.at(at, [&] { pair.a.plane.send_data(0); });
    pair.network.run(100s);
    CHECK(pair.b.keepalives_sent() >= 9);
    CHECK(pair.b.keepalives_sent() <= 10);
    CHECK(pair.a.count_sent(MessageType::initiation) == 1);
}

TEST_CASE("a keepalive is not answered") {
    Pair pair;
    pair.handshake();
    pair.network.run(100s);
    CHECK(pair.a.keepalives_sent() == 1);
    CHECK(pair.b.keepalives_sent() == 0);
}

TEST_CASE("15 s and up to 333 ms of silence after data begin a new handshake") {
    std::set<Nanoseconds> delays;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        MutePair pair(seed);
        pair.network.passes = [](const Datagram&) { return true; };
        pair.handshake();
        pair.network.run(20s);
        pair.mute();
        const Nanoseconds sent_at = pair.network.now();
        pair.a.plane.send_data(0);
        pair.network.run(14990ms);
        CHECK(pair.a.count_sent(MessageType::initiation) == 1);
        pair.network.run(400ms);
        REQUIRE(pair.a.count_sent(MessageType::initiation) == 2);
        const Nanoseconds delay = times_sent(pair.a, MessageType::initiation).back() - sent_at;
        CHECK(delay >= ns(15s));
        CHECK(delay < ns(15333ms));
        delays.insert(delay);
        CHECK(pair.a.plane.at(0).source_cleared.size() == 1);
    }
    CHECK(delays.size() > 15);
}

TEST_CASE("an initiation from the peer saves the new handshake") {
    Pair pair;
    pair.handshake();
    pair.network.run(20s);
    pair.network.passes = [](const Datagram&) { return false; };
    pair.a.plane.send_data(0);
    pair.network.run(14s);
    pair.network.passes = [](const Datagram& datagram) { return datagram.type() == MessageType::initiation; };
    pair.b.engine.on_session_wanted(0, pair.network.now());
    pair.network.run(4s);
    CHECK(pair.a.count(Verdict::initiation_accepted) == 1);
    CHECK(pair.a.count_sent(MessageType::initiation) == 1);
    CHECK_FALSE(pair.a.status().handshake_under_way);
}

TEST_CASE("a keepalive in time saves the new handshake") {
    Pair pair;
    pair.handshake();
    pair.network.run(10s);
    pair.a.plane.send_data(0);
    pair.network.run(100s);
    CHECK(pair.a.count_sent(MessageType::initiation) == 1);
}

TEST_CASE("a handshake begun out of silence is given up once nobody sends any more") {
    MutePair pair;
    pair.network.passes = [](const Datagram&) { return true; };
    pair.handshake();
    pair.mute();
    pair.a.plane.send_data(0);
    pair.network.run(130s);
    CHECK_FALSE(pair.a.status().handshake_under_way);
    CHECK(pair.a.count_sent(MessageType::initiation) == 1 + 20);
    pair.network.run(3600s);
    CHECK(pair.a.count_sent(MessageType::initiation) == 1 + 20);
    CHECK_FALSE(pair.a.plane.at(0).watched);
}

TEST_CASE("a persistent keepalive is sent after its interval without traffic, whoever is silent") {
    Pair pair;
    pair.handshake();
    pair.a.engine.set_persistent_keepalive(0, 25, pair.network.now());
    pair.a.plane.sent.clear();
    pair.network.run(101s);
    CHECK(pair.a.keepalives_sent() == 4);
    const auto times = times_sent(pair.a, MessageType::transport);
    for (std::size_t i = 1; i < times.size(); ++i)
        CHECK(times[i] - times[i - 1] == ns(25s));

    pair.a.plane.sent.clear();
    for (auto at = 0s; at < 100s; at += 5s)
        pair.network.at(at, [&] { pair.a.plane.send_data(0); });
    pair.network.run(100s);
    CHECK(pair.a.keepalives_sent() <= 1);  // the confirmation of a rekey

    pair.a.engine.set_persistent_keepalive(0, 0, pair.network.now());
    pair.a.plane.sent.clear();
    pair.network.run(100s);
    CHECK(pair.a.plane.sent.empty());
}

TEST_CASE("a persistent keepalive of a peer without a session makes one") {
    Pair pair;
    pair.a.engine.set_persistent_keepalive(0, 25, pair.network.now());
    pair.network.run(1s);
    CHECK(pair.a.status().current);
    CHECK(pair.b.status().current);
}

TEST_CASE("a persistent keepalive keeps a session alive for hours and never gives up for good") {
    MutePair pair;
    pair.a.engine.set_persistent_keepalive(0, 25, pair.network.now());
    pair.network.run(600s);
    CHECK_FALSE(pair.a.status().current);
    pair.network.passes = [](const Datagram&) { return true; };
    pair.network.run(40s);
    CHECK(pair.a.status().current);
    for (int i = 0; i < 60; ++i) {
        pair.network.run(60s);
        REQUIRE(pair.a.status().current->is_initiator);
        REQUIRE(pair.network.now() - pair.a.status().current->born < ns(150s));
    }
}

TEST_CASE("an old session is no use for a persistent keepalive: it makes a new one") {
    Pair pair;
    pair.handshake();
    pair.network.run(190s);
    pair.b.plane.sent.clear();
    pair.b.engine.set_persistent_keepalive(0, 25, pair.network.now());
    pair.network.run(1s);
    CHECK(pair.b.count_sent(MessageType::initiation) == 1);
    CHECK(pair.b.status().current->is_initiator);
}

TEST_CASE("a peer is watched while something may come due") {
    Pair pair;
    pair.handshake();
    pair.a.plane.send_data(0);
    pair.network.run(1s);
    CHECK(pair.a.plane.at(0).watched);
    CHECK(pair.b.plane.at(0).watched);
    pair.b.plane.send_data(0);
    pair.network.run(8s);
    CHECK(pair.a.plane.at(0).watched);
    CHECK(*pair.a.engine.next_deadline() <= pair.network.now() + ns(10s));
}

TEST_CASE("a packet that comes just before a peer is no longer watched is not overlooked") {
    Pair pair;
    pair.handshake();
    pair.network.run(20s);
    pair.b.plane.sent.clear();
    bool raced = false;
    pair.b.plane.before_unwatch = [&] {
        if (std::exchange(raced, true)) return;
        pair.b.plane.at(0).activity.keepalive_owed_since = pair.network.now();
    };
    pair.a.plane.send_data(0);
    pair.network.run(19s);
    CHECK(raced);
    CHECK(pair.b.keepalives_sent() == 1);
    CHECK(pair.b.plane.at(0).watched);
    pair.network.run(2s);
    CHECK(pair.b.keepalives_sent() == 2);
}

TEST_CASE("an idle peer costs nothing: it is not watched and has no deadline but the zeroing") {
    Pair pair;
    pair.handshake();
    pair.a.plane.send_data(0);
    pair.b.plane.send_data(0);
    pair.network.run(60s);
    CHECK_FALSE(pair.a.plane.at(0).watched);
    CHECK_FALSE(pair.b.plane.at(0).watched);
    CHECK(*pair.a.engine.next_deadline() > pair.network.now() + ns(400s));
}

TEST_CASE("poll does no more than its budget and leaves the rest due") {
    Network network;
    Gateway& a = network.add_gateway();
    Gateway& b = network.add_gateway();
    for (PeerId id = 0; id < 10; ++id) {
        const auto identity = crypto::LocalIdentity::from(make_private_key(b.random));
        REQUIRE(a.engine.add_peer(0, id, identity.public_key, {}, 25, network.now()));
        a.plane.at(id).endpoint = b.address;
    }
    a.engine.poll(network.now(), 4);
    CHECK(a.count_sent(MessageType::initiation) == 4);
    CHECK(*a.engine.next_deadline() <= network.now());
    a.engine.poll(network.now());
    CHECK(a.count_sent(MessageType::initiation) == 10);
    CHECK(*a.engine.next_deadline() > network.now());
}

}  // namespace
}  // namespace ringway::control::protocol::test
