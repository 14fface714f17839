// What an engine tells of its peers.

#include <doctest/doctest.h>

#include <string>

#include "tests/control/protocol/network.h"

namespace ringway::control::protocol::test {
namespace {

struct Recorder final : Observer {
    void peer_up(PeerId, bool is_initiator) override { say(is_initiator ? "up initiator" : "up responder"); }
    void peer_down(PeerId, DownReason reason) override { say("down " + std::string(name(reason))); }
    void handshake_failed(PeerId, PeerProblem why) override { say("failed " + std::string(name(why))); }
    void response_refused(PeerId, Verdict why, const dataplane::Endpoint&) override {
        say("response " + std::string(name(why)));
    }
    void initiation_refused(TunnelId, const crypto::PublicKey&, Verdict why,
                            const dataplane::Endpoint&) override {
        say("initiation " + std::string(name(why)));
    }
    void say(const std::string& what) { said += (said.empty() ? "" : ", ") + what; }
    std::string said;
};

struct Observed : Pair {
    Observed() {
        a.engine.set_observer(of_a);
        b.engine.set_observer(of_b);
    }
    Recorder of_a, of_b;
};

}  // namespace

TEST_CASE("a peer is up once, however often its session is renewed, and down when it is not") {
    Observed pair;
    pair.handshake();
    for (int i = 0; i < 60; ++i) {
        pair.a.plane.send_data(0);
        pair.network.run(10s);
    }
    CHECK(pair.a.status().last_handshake_unix_ns != 0);
    CHECK(pair.of_a.said == "up initiator");
    CHECK(pair.of_b.said == "up responder");
    pair.network.run(5min);
    pair.a.engine.poll(pair.network.now());
    pair.b.engine.poll(pair.network.now());
    CHECK(pair.of_a.said == "up initiator, down expired");
    CHECK(pair.of_b.said == "up responder, down expired");
}

TEST_CASE("an initiation without an answer is told when it is given up, once") {
    Observed pair;
    pair.network.passes = [](const Datagram&) { return false; };
    pair.a.plane.send_data(0);
    pair.network.run(60s);
    CHECK(pair.of_a.said.empty());
    pair.network.run(10min);
    CHECK(pair.of_a.said == "failed no_answer");
}

TEST_CASE("a peer without an endpoint is told once, not for each packet") {
    Observed pair;
    pair.b.plane.at(0).endpoint = {};
    for (int i = 0; i < 10; ++i) {
        pair.b.plane.send_data(0);
        pair.network.run(10s);
    }
    CHECK(pair.of_b.said == "failed no_endpoint");
}

TEST_CASE("refused initiations are told with their reason") {
    Observed pair;
    pair.handshake();
    const Bytes initiation = pair.a.last_sent(crypto::MessageType::initiation);
    (void)pair.b.receive(initiation, pair.a.address);
    CHECK(pair.of_b.said == "up responder, initiation replayed");
}

TEST_CASE("another preshared key is a response refused") {
    Observed pair;
    std::array<std::uint8_t, crypto::kKeyBytes> other{};
    other[0] = 1;
    pair.b.engine.set_preshared_key(0, crypto::PresharedKey(other));
    pair.a.plane.send_data(0);
    pair.network.run(1s);
    CHECK(pair.of_a.said == "response bad_response");
}

TEST_CASE("the end of a session by configuration has its reason") {
    Observed pair;
    pair.handshake();
    pair.a.engine.remove_peer(0);
    pair.b.engine.set_private_key(0, make_private_key(pair.b.random));
    CHECK(pair.of_a.said == "up initiator, down removed");
    CHECK(pair.of_b.said == "up responder, down key_changed");
}

}  // namespace ringway::control::protocol::test
