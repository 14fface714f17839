// Cookies and limits under load, as server and as client.

#include <doctest/doctest.h>

#include <cstring>

#include "tests/control/protocol/network.h"

namespace ringway::control::protocol::test {
namespace {

using crypto::MessageType;

constexpr std::size_t kLoad = 512;  ///< an eighth of 4096

bool has_mac2(const Bytes& message) {
    return std::any_of(message.end() - crypto::kMacBytes, message.end(),
                       [](std::uint8_t byte) { return byte != 0; });
}

TEST_CASE("under load an initiation without mac2 gets a cookie and costs no handshake") {
    Pair pair;
    pair.b.queue_depth = kLoad;
    pair.a.plane.send_data(0);
    pair.network.run(1s);
    CHECK(pair.b.count(Verdict::cookie_sent) == 1);
    CHECK(pair.a.count(Verdict::cookie_accepted) == 1);
    CHECK(pair.a.status().problem == PeerProblem::under_load);
    CHECK_FALSE(has_mac2(pair.a.last_sent(MessageType::initiation)));
    CHECK(pair.b.plane.session_count() == 0);
    CHECK(pair.b.count_sent(MessageType::response) == 0);
}

TEST_CASE("the next retry carries mac2 and is answered under load") {
    Pair pair;
    pair.b.queue_depth = kLoad;
    pair.a.plane.send_data(0, 3);
    pair.network.run(6s);
    CHECK(has_mac2(pair.a.last_sent(MessageType::initiation)));
    CHECK(pair.a.count_sent(MessageType::initiation) == 2);
    CHECK(pair.b.plane.at(0).marks_received == std::vector<std::uint8_t>{3});
    CHECK(pair.a.status().problem == PeerProblem::none);
}

TEST_CASE("a cookie reply is not answered with a handshake before its time") {
    Pair pair;
    pair.b.queue_depth = kLoad;
    pair.a.plane.send_data(0);
    pair.network.run(4900ms);
    CHECK(pair.a.count_sent(MessageType::initiation) == 1);
}

TEST_CASE("an initiator under load gives its responder a cookie, and the next response carries mac2") {
    Pair pair;
    pair.a.queue_depth = kLoad;
    pair.a.plane.send_data(0, 3);
    pair.network.run(1s);
    CHECK(pair.a.count(Verdict::cookie_sent) == 1);
    CHECK(pair.b.count(Verdict::cookie_accepted) == 1);
    CHECK_FALSE(pair.a.status().current);
    pair.network.run(6s);
    CHECK(has_mac2(pair.b.last_sent(MessageType::response)));
    CHECK(pair.b.plane.at(0).marks_received == std::vector<std::uint8_t>{3});
}

TEST_CASE("a cookie is good for its source only") {
    Pair pair;
    pair.b.queue_depth = kLoad;
    pair.a.plane.send_data(0);
    pair.network.run(100ms);
    pair.a.address.remote_port += 1;  // a NAT changed its mind
    pair.network.run(6s);
    CHECK(has_mac2(pair.a.last_sent(MessageType::initiation)));
    CHECK(pair.b.count(Verdict::cookie_sent) == 2);
    pair.network.run(6s);
    CHECK(pair.b.count(Verdict::initiation_accepted) == 1);
}

TEST_CASE("a cookie expires after 120 s at its maker, and after 115 s at its holder") {
    Pair pair;
    pair.b.queue_depth = kLoad;
    pair.a.plane.send_data(0);
    pair.network.run(100ms);
    pair.network.passes = [](const Datagram&) { return false; };
    pair.network.run(116s);  // given up meanwhile
    pair.network.passes = [](const Datagram&) { return true; };
    pair.a.plane.send_data(0);
    pair.network.run(1s);
    CHECK_FALSE(has_mac2(pair.a.last_sent(MessageType::initiation)));
    CHECK(pair.b.count(Verdict::cookie_sent) == 2);
}

TEST_CASE("a source with a cookie gets 5 messages at once and 20 a second under load") {
    Pair pair;
    pair.b.queue_depth = kLoad;
    pair.a.plane.send_data(0);
    pair.network.run(6s);
    const Bytes initiation = pair.a.last_sent(MessageType::initiation);
    REQUIRE(has_mac2(initiation));
    std::size_t replayed = 0;
    std::size_t limited = 0;
    for (int i = 0; i < 50; ++i) {
        const Verdict verdict = pair.b.receive(initiation, pair.a.address);
        replayed += verdict == Verdict::replayed ? 1 : 0;
        limited += verdict == Verdict::rate_limited ? 1 : 0;
    }
    CHECK(replayed == 5);
    CHECK(limited == 45);
    pair.network.run(100ms);
    CHECK(pair.b.receive(initiation, pair.a.address) == Verdict::replayed);
    CHECK(pair.b.receive(initiation, pair.a.address) == Verdict::replayed);
    CHECK(pair.b.receive(initiation, pair.a.address) == Verdict::rate_limited);
}

TEST_CASE("without load nobody is limited") {
    Pair pair;
    pair.handshake();
    const Bytes initiation = pair.a.last_sent(MessageType::initiation);
    for (int i = 0; i < 50; ++i)
        CHECK(pair.b.receive(initiation, pair.a.address) == Verdict::replayed);
}

TEST_CASE("load ends a second after the queue is short again") {
    Pair pair;
    pair.handshake();
    const Bytes initiation = pair.a.last_sent(MessageType::initiation);
    pair.b.queue_depth = kLoad;
    CHECK(pair.b.receive(initiation, pair.a.address) == Verdict::cookie_sent);
    pair.b.queue_depth = 0;
    pair.network.run(999ms);
    CHECK(pair.b.receive(initiation, pair.a.address) == Verdict::cookie_sent);
    pair.network.run(1ms);
    CHECK(pair.b.receive(initiation, pair.a.address) == Verdict::replayed);
}

TEST_CASE("under load a forged mac1 gets no cookie") {
    Pair pair;
    pair.handshake();
    Bytes initiation = pair.a.last_sent(MessageType::initiation);
    initiation[20] ^= 1;
    pair.b.queue_depth = kLoad;
    CHECK(pair.b.receive(initiation, pair.a.address) == Verdict::bad_mac1);
    CHECK(pair.b.count_sent(MessageType::cookie_reply) == 0);
}

TEST_CASE("a cookie reply is taken once, and only unchanged") {
    Pair pair;
    pair.network.latency = 0ns;
    pair.b.queue_depth = kLoad;
    Bytes reply;
    pair.network.passes = [&](const Datagram& datagram) {
        if (datagram.type() == MessageType::cookie_reply) reply = datagram.bytes;
        return datagram.type() != MessageType::cookie_reply;
    };
    pair.a.plane.send_data(0);
    pair.network.run(1s);
    REQUIRE(reply.size() == sizeof(crypto::MessageCookieReply));
    for (const std::size_t at : {8U, 20U, 32U, 50U, 63U}) {
        Bytes changed = reply;
        changed[at] ^= 0x80;
        CHECK(pair.a.receive(changed, pair.b.address) == Verdict::bad_cookie);
    }
    Bytes misdirected = reply;
    misdirected[4] ^= 1;
    CHECK(pair.a.receive(misdirected, pair.b.address) == Verdict::unknown_index);
    CHECK(pair.a.receive(reply, pair.b.address) == Verdict::cookie_accepted);
    CHECK(pair.a.receive(reply, pair.b.address) == Verdict::bad_cookie);
}

TEST_CASE("a flood of one tunnel asks no cookies of another tunnel's peers") {
    Pair pair;
    SeededRandom random(4);
    const crypto::PrivateKey key = make_private_key(random);
    pair.b.engine.add_tunnel(1, key.copy());
    const auto caller = crypto::LocalIdentity::from(make_private_key(random));
    REQUIRE(pair.b.engine.add_peer(1, 7, caller.public_key, {}, 0, pair.network.now()));
    const auto call = [&](std::uint64_t unix_ns) {
        const Bytes initiation = make_initiation(caller, pair.b.engine.identity(1)->public_key,
                                                 crypto::Tai64n::from_unix(unix_ns), random);
        return pair.b.engine.on_handshake_message(1, initiation, pair.a.address, pair.network.now());
    };
    pair.b.engine.note_queue_depth(0, 4096, pair.network.now());
    CHECK(call(1'000'000'000) == Verdict::initiation_accepted);
    pair.network.run(500ms);
    pair.b.engine.note_queue_depth(1, 4096, pair.network.now());
    CHECK(call(2'000'000'000) == Verdict::cookie_sent);
}

TEST_CASE("a flood through a full queue does not keep a peer with a cookie out") {
    Pair pair;
    SeededRandom random(9);
    const auto stranger = crypto::LocalIdentity::from(make_private_key(random));
    const Bytes flood = make_initiation(stranger, pair.b.public_key(), crypto::Tai64n::from_unix(1), random);
    for (auto at = 0ms; at < 30s; at += 50ms) {
        pair.network.at(at, [&, at] {
            pair.b.queue_depth = 4096;
            dataplane::Endpoint source{.remote_port = 7};
            source.remote.bytes = {172, 16, 0, static_cast<std::uint8_t>(at / 50ms)};
            pair.b.receive(flood, source);
        });
    }
    pair.network.at(1s, [&] { pair.a.plane.send_data(0); });
    pair.network.run(30s);
    CHECK(pair.b.count(Verdict::unknown_peer) == 0);
    CHECK(pair.b.count(Verdict::cookie_sent) > 500);
    CHECK(pair.b.plane.at(0).data_received == 1);
}

}  // namespace
}  // namespace ringway::control::protocol::test
