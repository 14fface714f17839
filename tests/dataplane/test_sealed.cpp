// Sealed packets on their way out: routes, neighbours, sizes.

#include <doctest/doctest.h>

#include "tests/dataplane/packet_table.h"

namespace ringway::tests {

using dataplane::NeighbourState;
using dataplane::NextHop;

namespace {

using R = DropReason;

const std::vector<DropCase> kOutwards{
    {"no outer route", kLan,
     [](Bench& t) {
         t.a.plane().domains[0]->remove_route(prefix("10.0.0.0/24"));
         t.a.plane().routing_generation.fetch_add(1);
         return t.lan_frame(t.plain());
     },
     R::no_route},
    {"an outer route into the tunnel itself", kLan,
     [](Bench& t) {
         t.a.route("10.0.0.0/24", {.kind = NextHop::Kind::tunnel, .tunnel = 0});
         return t.lan_frame(t.plain());
     },
     R::no_route},
    {"a blackhole towards the peer", kLan,
     [](Bench& t) {
         t.a.route("10.0.0.0/24", {.kind = NextHop::Kind::blackhole});
         return t.lan_frame(t.plain());
     },
     R::blackhole},
    {"decrypted, a blackhole's", kWan,
     [](Bench& t) {
         t.a.route("198.51.100.0/24", {.kind = NextHop::Kind::blackhole});
         return t.wan_frame(t.sealed(udp_packet(
             {.source = t.b.host(Family::v4), .destination = address("198.51.100.1")}, pattern(20, 1))));
     },
     R::blackhole},
    {"no address of ours in the peer's family", kLan,
     [](Bench& t) {
         t.a.plane().domains[0]->remove_route(prefix("10.0.0.1/32"));
         t.a.route("10.0.0.0/24", {.kind = NextHop::Kind::port, .port = kWan});
         return t.lan_frame(t.plain());
     },
     R::no_source_address},
    {"a next hop that failed", kLan,
     [](Bench& t) {
         t.a.neighbour(kWan, t.b.wan(Family::v4), {{}, NeighbourState::failed});
         return t.lan_frame(t.plain());
     },
     R::neighbour_failed},
};

}  // namespace

TEST_CASE("a sealed packet that can't leave is dropped by name") {
    expect_drops(kOutwards);
}

TEST_CASE("a packet whose next hop is not known waits with the control side, in a bounded queue") {
    Bench bench;
    bench.a.neighbour(kWan, bench.b.wan(Family::v4), {{}, NeighbourState::absent});
    bench.network.settle();
    const std::size_t room = bench.a.plane().unresolved.capacity();
    for (std::size_t i = 0; i < room + 10; ++i) {
        REQUIRE(bench.a.receive_from_lan(bench.plain()));
        (void)bench.a.step();
    }
    CHECK(bench.a.plane().unresolved.size() == room);
    CHECK(bench.a.drop_names() == "neighbour_queue_full=10");
    CHECK(bench.network.accounts_balance());
}

TEST_CASE("a frame beyond the port's MTU is dropped by name") {
    TestNetwork network;
    TestGateway& a = network.add({.number = 1});
    TestGateway& b = network.add({.number = 2});
    TestNetwork::join(a, b, {.endpoint = Family::v6});
    const auto through = [&](std::size_t payload) {
        REQUIRE(a.receive_from_lan(udp_packet(
            {.source = a.host(Family::v4), .destination = b.host(Family::v4)}, pattern(payload, 1))));
        network.settle();
        return b.take_lan().size();
    };
    CHECK(through(1392) == 1);  // 1420 + 32 + 48 = 1500
    a.plane().tunnels[0]->mtu = 1440;
    CHECK(through(1393) == 0);
    CHECK(a.drop_names() == "too_big=1");
    CHECK(network.accounts_balance());
}

TEST_CASE("a tx lcore that does not keep up: the control side's messages are dropped by name") {
    Bench bench;
    auto& submitted = bench.a.plane().tx_lcore(0).tx->submitted;
    while (submitted.push(bench.a.plane().make_packet())) {
    }
    bench.a.core().engine().on_session_wanted(bench.a.peer(bench.c), bench.network.clock().now());
    (void)bench.a.core().turn();
    CHECK(bench.a.drop_names() == "submit_queue_full=1");
}

}  // namespace ringway::tests
