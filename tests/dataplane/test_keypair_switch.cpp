// What a peer's home lcore does when the control side changes the keypair that seals.

#include <doctest/doctest.h>

#include <set>

#include "dataplane/packet.h"
#include "tests/support/flow.h"
#include "tests/support/test_network.h"
#include "tests/support/transport.h"

namespace ringway::tests {

using dataplane::KeypairIndex;
using dataplane::kNoKeypair;
using dataplane::Request;

namespace {

/// Two gateways with a session, and every counter that went over the wire.
struct Session {
    TestNetwork network;
    TestGateway& a = network.add({.number = 1});
    TestGateway& b = network.add({.number = 2});
    NumberedFlow flow{a, b, 1};
    PeerIndex peer = 0;

    Session() {
        TestNetwork::join(a, b);
        peer = a.peer(b);
        network.start_capture();
        send(10);
        REQUIRE(a.has_session(peer));
    }
    void send(int packets) {
        for (int i = 0; i < packets; ++i)
            REQUIRE(a.receive_from_lan(flow.next()));
        network.settle();
        for (const Bytes& packet : b.take_lan())
            CHECK(flow.arrived(packet));
    }
    [[nodiscard]] dataplane::SerialState sending() const { return a.plane().peers[peer].outbound.glance(); }
    void switch_to(KeypairIndex keypair) {
        REQUIRE(a.plane().rx_lcore(0).rx->requests.push({Request::Kind::set_keypair, peer, keypair}));
        (void)dataplane::poll(a.lcore(0));
    }
    /// Whether no session's counter was on the wire twice.
    [[nodiscard]] bool counters_unique() const {
        std::set<std::pair<std::uint32_t, std::uint64_t>> seen;
        for (const Captured& captured : network.captured()) {
            const auto header = transport_header(captured.frame);
            if (header && !seen.insert({header->receiver.value.host(), header->counter.host()}).second)
                return false;
        }
        return true;
    }
};

}  // namespace

TEST_CASE("a keypair that is in place already goes on counting where it is") {
    Session session;
    const dataplane::SerialState before = session.sending();
    CHECK(before.counter >= 10);
    session.switch_to(before.keypair);
    CHECK(session.sending() == before);
    session.send(10);
    CHECK(session.counters_unique());
}

TEST_CASE("a keypair that was taken away is never put in place again: no counter seals twice") {
    Session session;
    const KeypairIndex keypair = session.sending().keypair;
    session.switch_to(kNoKeypair);
    CHECK(session.sending().keypair == kNoKeypair);
    session.switch_to(keypair);
    CHECK(session.sending().keypair == kNoKeypair);
    // Packets wait for another session.
    session.send(10);
    CHECK(session.a.plane().peers[session.peer].staged.count == 10);
    CHECK(session.counters_unique());
    CHECK(session.network.drop_names().empty());
    CHECK(session.network.accounts_balance());
}

TEST_CASE("a session waits for packets that another lcore has counted and not yet sent to the home") {
    TestNetwork network;
    TestGateway& a = network.add(
        {.number = 1, .lcores = {{.rx = true}, {.rx = true}, {.crypto = true, .tx = true}}, .rx_queues = 2});
    TestGateway& b = network.add({.number = 2});
    TestNetwork::join(a, b);
    dataplane::Peer& peer = a.plane().peers[a.peer(b)];
    REQUIRE(peer.home == 0);
    NumberedFlow at_home(a, b, 1);
    NumberedFlow elsewhere(a, b, 2);
    // The other lcore receives a packet, counts it and is preempted.
    const Bytes counted = forwarded(elsewhere.next());
    a.lcore(1).counters.in.add();
    const dataplane::SerialState seen = peer.outbound.glance();
    REQUIRE(peer.outbound.exchange_keypair(seen, kNoKeypair, seen.counter + 1));
    // Meanwhile there is a session.
    REQUIRE(a.receive_from_lan(at_home.next()));
    network.settle();
    CHECK(a.core().engine().status(a.peer(b))->last_handshake_unix_ns > 0);
    CHECK_FALSE(a.has_session(a.peer(b)));
    // It goes on with that packet and with the one behind it, before the home looks again.
    rte_mbuf* packet = a.plane().make_packet();
    REQUIRE(packet != nullptr);
    std::memcpy(rte_pktmbuf_append(packet, static_cast<std::uint16_t>(counted.size())), counted.data(),
                counted.size());
    dataplane::meta(packet).peer = a.peer(b);
    REQUIRE(a.plane().rx_lcore(0).rx->to_staging.push(packet));
    REQUIRE(a.receive_from_lan(elsewhere.next(), 1));
    (void)dataplane::poll(a.lcore(1));
    network.settle();
    CHECK(a.has_session(a.peer(b)));
    for (const Bytes& arrived : b.take_lan())
        CHECK((at_home.owns(arrived) ? at_home : elsewhere).arrived(arrived));
    CHECK(at_home.under_way() + elsewhere.under_way() == 0);
    CHECK(network.drop_names().empty());
    CHECK(network.accounts_balance());
}

}  // namespace ringway::tests
