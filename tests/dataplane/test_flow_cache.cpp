// What an lcore remembers of flows, and when it must not.

#include <doctest/doctest.h>

#include "dataplane/flow_cache.h"
#include "tests/dataplane/packet_table.h"
#include "tests/support/test_network.h"

namespace ringway::tests {

using dataplane::FlowCache;
using dataplane::FlowKey;
using dataplane::IpView;
using dataplane::NeighbourState;
using dataplane::NextHop;

namespace {

IpView view_of(const Bytes& packet) {
    return dataplane::parse_ip(packet).value();
}

Bytes packet_between(const char* source, const char* destination) {
    return udp_packet({.source = address(source), .destination = address(destination)}, pattern(8, 1));
}

FlowKey from_port(dataplane::PortIndex port, const IpView& ip) {
    FlowKey key;
    key.set_from_port(port, ip);
    return key;
}

FlowKey from_tunnel(dataplane::TunnelIndex tunnel, const IpView& ip) {
    FlowKey key;
    key.set_from_tunnel(tunnel, ip);
    return key;
}

/// Two gateways with a session, and a flow between their hosts that both have seen three times: they
/// remember it.
struct KnownFlow {
    TestNetwork network;
    TestGateway& a = network.add({.number = 1});
    TestGateway& b = network.add({.number = 2});
    TestGateway& c = network.add({.number = 3});
    Bytes packet =
        udp_packet({.source = a.host(Family::v4), .destination = b.host(Family::v4)}, pattern(8, 1));

    KnownFlow() {
        TestNetwork::join(a, b);
        TestNetwork::join(a, c);
        for (int i = 0; i < 3; ++i)
            REQUIRE(arrivals() == 1);
    }
    /// Packets that come out behind b for one sent behind a.
    std::size_t arrivals() {
        REQUIRE(a.receive_from_lan(packet));
        network.settle();
        return b.take_lan().size();
    }
};

}  // namespace

TEST_CASE("a flow is found under its addresses, its side and its epoch, and under no others") {
    FlowCache flows(64);
    const Bytes packet = packet_between("192.0.2.1", "198.51.100.1");
    const FlowKey key = from_port(1, view_of(packet));
    CHECK(flows.find(key, 7) == nullptr);
    flows.remember(key, 7).peer = 42;
    REQUIRE(flows.find(key, 7) != nullptr);
    CHECK(flows.find(key, 7)->peer == 42);
    CHECK(flows.find(key, 8) == nullptr);

    const std::vector<FlowKey> others{
        from_port(2, view_of(packet)),
        from_tunnel(1, view_of(packet)),
        from_port(1, view_of(packet_between("192.0.2.2", "198.51.100.1"))),
        from_port(1, view_of(packet_between("192.0.2.1", "198.51.100.2"))),
        from_port(1, view_of(packet_between("c000:201:c633:6401::", "::"))),
    };
    for (const FlowKey& other : others)
        CHECK(flows.find(other, 7) == nullptr);
}

TEST_CASE("two flows that would have the same place are both remembered") {
    FlowCache flows(2);
    const Bytes packets[] = {packet_between("192.0.2.1", "198.51.100.1"),
                             packet_between("192.0.2.2", "198.51.100.2")};
    const FlowKey keys[] = {from_port(0, view_of(packets[0])), from_port(0, view_of(packets[1]))};
    flows.remember(keys[0], 1).peer = 10;
    flows.remember(keys[1], 1).peer = 11;
    REQUIRE(flows.find(keys[0], 1) != nullptr);
    REQUIRE(flows.find(keys[1], 1) != nullptr);
    CHECK(flows.find(keys[0], 1)->peer == 10);
    CHECK(flows.find(keys[1], 1)->peer == 11);
}

TEST_CASE("an IPv6 flow is found by all of its two addresses") {
    FlowCache flows(2);
    const FlowKey key = from_tunnel(0, view_of(packet_between("2001:db8::1", "2001:db8:ffff::1")));
    flows.remember(key, 1).peer = 3;
    CHECK(flows.find(key, 1) != nullptr);
    for (const char* destination : {"2001:db8:ffff::2", "2001:db9:ffff::1"}) {
        const Bytes other = packet_between("2001:db8::1", destination);
        CHECK(flows.find(from_tunnel(0, view_of(other)), 1) == nullptr);
    }
}

TEST_CASE("an epoch ends with every change of the tables, and after a second or so") {
    CHECK(FlowCache::epoch_of(1, 5) != FlowCache::epoch_of(2, 5));
    CHECK(FlowCache::epoch_of(1, 0) != FlowCache::epoch_of(1, 1'100'000'000));
    CHECK(FlowCache::epoch_of(1, 0) == FlowCache::epoch_of(1, 1'000'000));
}

TEST_CASE("a known flow follows an allowed IP that is taken away") {
    KnownFlow t;
    REQUIRE(t.a.core().remove_allowed_ip(t.a.peer(t.b), prefix("192.168.2.0/24")));
    CHECK(t.arrivals() == 0);
    CHECK(t.a.drops(DropReason::no_peer) == 1);
}

TEST_CASE("a known flow follows an allowed IP that moves") {
    KnownFlow t;
    CHECK(t.a.core().add_allowed_ip(t.a.peer(t.c), prefix("192.168.2.0/24")).has_value());
    CHECK(t.arrivals() == 0);
    CHECK(t.c.drops(DropReason::disallowed_source) + t.c.take_lan().size() +
              t.c.take_host(TestGateway::kTunnelHost).size() ==
          1);
}

TEST_CASE("a known flow ends with its peer") {
    KnownFlow t;
    t.a.core().remove_peer(t.a.peer(t.b));
    CHECK(t.arrivals() == 0);
    CHECK(t.a.drops(DropReason::no_peer) == 1);
}

TEST_CASE("a known flow follows the routes, in front of a tunnel and behind it") {
    KnownFlow t;
    t.b.route("192.168.2.2/32", {.kind = NextHop::Kind::blackhole});
    CHECK(t.arrivals() == 0);
    CHECK(t.b.drops(DropReason::blackhole) == 1);
    t.a.route("192.168.2.2/32", {.kind = NextHop::Kind::host});
    CHECK(t.arrivals() == 0);
    CHECK(t.a.take_host(TestGateway::kLan).size() == 1);
}

TEST_CASE("a known flow follows its neighbour") {
    KnownFlow t;
    t.b.neighbour(TestGateway::kLan, t.b.host(Family::v4), {{}, NeighbourState::failed});
    CHECK(t.arrivals() == 0);
    CHECK(t.b.drops(DropReason::neighbour_failed) == 1);
}

TEST_CASE("a known flow follows a tunnel that is to pass the host") {
    KnownFlow t;
    t.b.core().set_forwarding(TestGateway::kTunnel, true, true, false);
    CHECK(t.arrivals() == 0);
    CHECK(t.b.take_host(TestGateway::kTunnelHost).size() == 1);
}

TEST_CASE("a flow that is known from one peer is refused from another") {
    KnownFlow t;
    // c takes a's addresses as source, which b has seen from a.
    TestNetwork::join(t.b, t.c);
    t.c.route("192.168.2.0/24", {.kind = NextHop::Kind::tunnel, .tunnel = TestGateway::kTunnel});
    // A new peer ends what was remembered: it is learnt again.
    for (int i = 0; i < 2; ++i)
        REQUIRE(t.arrivals() == 1);
    REQUIRE(t.c.receive_from_lan(t.packet));
    t.network.settle();
    CHECK(t.b.take_lan().empty());
    CHECK(t.b.drops(DropReason::disallowed_source) == 1);
}

}  // namespace ringway::tests
