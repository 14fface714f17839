// Plain packets on their way into a tunnel, from a port and from the host.

#include <doctest/doctest.h>

#include "tests/dataplane/packet_table.h"

namespace ringway::tests {

using dataplane::NextHop;

namespace {

using R = DropReason;

Bytes plain_from(const Bench& t, const char* source) {
    const dataplane::IpAddress from = address(source);
    return udp_packet({.source = from, .destination = t.b.host(from.family)}, pattern(20, 1));
}

const std::vector<DropCase> kPlain{
    {"source loopback", kLan, [](Bench& t) { return t.lan_frame(plain_from(t, "127.0.0.1")); },
     R::martian_source},
    {"source 0/8", kLan, [](Bench& t) { return t.lan_frame(plain_from(t, "0.1.2.3")); }, R::martian_source},
    {"source multicast", kLan, [](Bench& t) { return t.lan_frame(plain_from(t, "224.0.0.1")); },
     R::martian_source},
    {"source broadcast", kLan, [](Bench& t) { return t.lan_frame(plain_from(t, "255.255.255.255")); },
     R::martian_source},
    {"source our own", kLan, [](Bench& t) { return t.lan_frame(plain_from(t, "10.0.0.1")); },
     R::martian_source},
    {"IPv6 source loopback", kLan, [](Bench& t) { return t.lan_frame(plain_from(t, "::1")); },
     R::martian_source},
    {"IPv6 source unspecified", kLan, [](Bench& t) { return t.lan_frame(plain_from(t, "::")); },
     R::martian_source},
    {"IPv6 source multicast", kLan, [](Bench& t) { return t.lan_frame(plain_from(t, "ff02::1")); },
     R::martian_source},
    {"IPv6 source our own", kLan, [](Bench& t) { return t.lan_frame(plain_from(t, "fd00:1::1")); },
     R::martian_source},
    {"a destination no peer has", kLan,
     [](Bench& t) {
         t.a.route("172.16.0.0/12", {.kind = NextHop::Kind::tunnel, .tunnel = 0});
         return t.lan_frame(udp_packet({.source = t.a.host(Family::v4), .destination = address("172.16.1.1")},
                                       pattern(20, 1)));
     },
     R::no_peer},
    {"a peer never heard of", kLan,
     [](Bench& t) {
         return t.lan_frame(udp_packet({.source = t.a.host(Family::v4), .destination = t.d.host(Family::v4)},
                                       pattern(20, 1)));
     },
     R::no_endpoint},
};

}  // namespace

TEST_CASE("a plain packet that may not enter the tunnel is dropped by name") {
    expect_drops(kPlain);
}

TEST_CASE("a packet from the host's own tunnel interface: malformed and too big are dropped by name") {
    Bench bench;
    REQUIRE(bench.a.receive_from_host(cut(bench.plain(), 19)));
    bench.network.settle();
    CHECK(bench.a.drop_names() == "frame_malformed=1");
    REQUIRE(bench.a.receive_from_host(bench.plain(Family::v4, 1393)));
    bench.network.settle();
    CHECK(bench.a.drop_names() == "frame_malformed=1 too_big=1");
    const Bytes packet = bench.plain();
    REQUIRE(bench.a.receive_from_host(packet));
    bench.network.settle();
    CHECK(bench.b.take_lan() == std::vector<Bytes>{forwarded(packet)});
    CHECK(bench.network.accounts_balance());
}

}  // namespace ringway::tests
