// Packets that were opened: what is inside, whose it is, congestion marks.

#include <doctest/doctest.h>

#include "tests/dataplane/packet_table.h"

namespace ringway::tests {

using dataplane::NeighbourState;

namespace {

using R = DropReason;

Bytes with_ds(Bytes packet, std::uint8_t ds) {
    set_ds(packet, ds);
    return packet;
}

const std::vector<DropCase> kInner{
    {"one byte inside", kWan, [](Bench& t) { return t.wan_frame(t.sealed(Bytes{0x45})); },
     R::inner_malformed},
    {"neither IPv4 nor IPv6", kWan, [](Bench& t) { return t.wan_frame(t.sealed(with(t.inner(), 0, 0x75))); },
     R::inner_malformed},
    {"zeros", kWan, [](Bench& t) { return t.wan_frame(t.sealed(Bytes(64, 0))); }, R::inner_malformed},
    {"IPv4 longer than what came", kWan, [](Bench& t) { return t.wan_frame(t.sealed(cut(t.inner(), 40))); },
     R::inner_malformed},
    {"IPv6 longer than what came", kWan,
     [](Bench& t) { return t.wan_frame(t.sealed(cut(t.inner(Family::v6), 60))); }, R::inner_malformed},
    {"IPv4 header of four words", kWan,
     [](Bench& t) { return t.wan_frame(t.sealed(with(t.inner(), 0, 0x44))); }, R::inner_malformed},
    {"a source nobody has", kWan, [](Bench& t) { return t.wan_frame(t.sealed(inner_from(t, "8.8.8.8"))); },
     R::disallowed_source},
    {"an IPv6 source nobody has", kWan,
     [](Bench& t) { return t.wan_frame(t.sealed(inner_from(t, "2001:db8::1"))); }, R::disallowed_source},
    {"another peer's source", kWan,
     [](Bench& t) { return t.wan_frame(t.sealed(inner_from(t, "192.168.3.2"))); }, R::disallowed_source},
    {"a source that another peer's longer prefix covers", kWan,
     [](Bench& t) {
         t.a.core().add_allowed_ip(t.a.peer(t.c), prefix("192.168.2.128/25"));
         return t.wan_frame(t.sealed(inner_from(t, "192.168.2.130")));
     },
     R::disallowed_source},
    {"a loopback source that the peer may use", kWan,
     [](Bench& t) {
         t.a.core().add_allowed_ip(t.a.peer(t.b), prefix("127.0.0.0/8"));
         return t.wan_frame(t.sealed(inner_from(t, "127.0.0.1")));
     },
     R::martian_source},
    {"our own source that the peer may use", kWan,
     [](Bench& t) {
         t.a.core().add_allowed_ip(t.a.peer(t.b), prefix("192.168.1.0/24"));
         return t.wan_frame(t.sealed(inner_from(t, "192.168.1.1")));
     },
     R::martian_source},
    {"congestion met outside, inner IPv4 not capable", kWan,
     [](Bench& t) { return t.wan_frame(t.sealed(t.inner()), Family::v4, TestGateway::kListenPort, 3); },
     R::ecn_invalid},
    {"congestion met outside, inner IPv6 not capable", kWan,
     [](Bench& t) {
         return t.wan_frame(t.sealed(t.inner(Family::v6)), Family::v6, TestGateway::kListenPort, 3);
     },
     R::ecn_invalid},
    {"a LAN neighbour that failed", kWan,
     [](Bench& t) {
         t.a.neighbour(kLan, t.a.host(Family::v4), {{}, NeighbourState::failed});
         return t.wan_frame(t.sealed(t.inner()));
     },
     R::neighbour_failed},
};

}  // namespace

TEST_CASE("an authentic packet that must not go on is dropped by name") {
    expect_drops(kInner);
}

TEST_CASE("congestion marks cross the tunnel as RFC 6040 says") {
    struct Row {
        std::uint8_t inner, outer, result;
    };
    for (const Family family : {Family::v4, Family::v6}) {
        for (const Row& row : {Row{0, 0, 0},
                               {0, 2, 0},
                               {1, 0, 1},
                               {1, 3, 3},
                               {2, 0, 2},
                               {2, 3, 3},
                               {3, 0, 3},
                               {3, 3, 3},
                               {0xb8 | 2, 3, 0xb8 | 3}}) {
            CAPTURE(int{row.inner});
            CAPTURE(int{row.outer});
            Bench bench;
            const Bytes packet = with_ds(bench.inner(family), row.inner);
            REQUIRE(bench.a.receive(
                kWan, bench.wan_frame(bench.sealed(packet), family, TestGateway::kListenPort, row.outer)));
            bench.network.settle();
            const std::vector<Bytes> arrived = bench.a.take_lan();
            REQUIRE(arrived.size() == 1);
            CHECK(arrived[0] == forwarded(with_ds(packet, row.result)));
        }
        // On the way out congestion begins anew as "capable"; the class stays inside.
        for (const auto& [inner, outer] : {std::pair{0, 0}, {1, 1}, {2, 2}, {3, 2}, {0xb8, 0}, {0xb9, 1}}) {
            Bench bench;
            bench.network.start_capture();
            REQUIRE(bench.a.receive_from_lan(with_ds(bench.plain(family), static_cast<std::uint8_t>(inner))));
            bench.network.settle();
            REQUIRE(bench.network.captured().size() == 1);
            CHECK(int{ds_of(packet_of(bench.network.captured()[0].frame))} == outer);
        }
    }
}

TEST_CASE("a more specific prefix given to the peer itself lets its source in") {
    Bench bench;
    bench.a.core().add_allowed_ip(bench.a.peer(bench.b), prefix("192.168.3.128/25"));
    const Bytes packet = inner_from(bench, "192.168.3.130");
    REQUIRE(bench.a.receive(kWan, bench.wan_frame(bench.sealed(packet))));
    bench.network.settle();
    CHECK(bench.a.take_lan() == std::vector<Bytes>{forwarded(packet)});
}

TEST_CASE("trailing bytes behind the inner packet are cut off") {
    Bench bench;
    const Bytes packet = bench.inner();
    Bytes longer = packet;
    longer.resize(packet.size() + 33, 0xee);
    REQUIRE(bench.a.receive(kWan, bench.wan_frame(bench.sealed(longer))));
    bench.network.settle();
    CHECK(bench.a.take_lan() == std::vector<Bytes>{forwarded(packet)});
}

}  // namespace ringway::tests
