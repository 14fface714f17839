// What is not for the dataplane to decide goes to the host stack.

#include <doctest/doctest.h>

#include "tests/dataplane/packet_table.h"

namespace ringway::tests {

namespace {

/// A frame that belongs to the host stack, and by which interface it must get it.
struct HostCase {
    const char* description;
    PortIndex port;
    MakeFrame make;
    dataplane::HostIndex host;
};

Bytes arp_frame(const Bench& t) {
    Bytes bytes(60, 0);
    std::fill_n(bytes.begin(), 6, 0xff);
    const dataplane::MacAddress source = t.a.host_mac();
    std::copy(source.begin(), source.end(), bytes.begin() + 6);
    bytes[12] = 8;
    bytes[13] = 6;
    return bytes;
}

const std::vector<HostCase> kForTheHost{
    {"ARP", kLan, [](Bench& t) { return arp_frame(t); }, kLan},
    {"an unknown Ethernet type", kWan, [](Bench& t) { return with(t.wan_frame(t.sealed({})), 12, 0x88); },
     kWan},
    {"multicast on the wire", kLan,
     [](Bench& t) {
         return frame({1, 0, 0x5e, 0, 0, 1}, t.a.host_mac(), t.plain());
     },
     kLan},
    {"a packet to one of our addresses", kLan,
     [](Bench& t) {
         return t.lan_frame(udp_packet({.source = t.a.host(Family::v4), .destination = t.a.lan(Family::v4)},
                                       pattern(20, 1)));
     },
     kLan},
    {"another UDP port than ours", kWan,
     [](Bench& t) { return t.wan_frame(t.sealed(t.inner()), Family::v4, 51999); }, kWan},
    {"a fragment of a message", kWan,
     [](Bench& t) {
         const Bytes frame_bytes = t.wan_frame(t.sealed(t.inner()));
         return frame(t.a.mac(kWan), t.b.mac(kWan), with_header(packet_of(frame_bytes), 6, 0x20));
     },
     kWan},
    {"UDP too short for its header", kWan,
     [](Bench& t) {
         const Bytes frame_bytes = t.wan_frame({});
         return frame(t.a.mac(kWan), t.b.mac(kWan), cut(with_header(packet_of(frame_bytes), 3, 27), 27));
     },
     kWan},
    {"no route", kLan,
     [](Bench& t) {
         return t.lan_frame(udp_packet(
             {.source = t.a.host(Family::v4), .destination = address("203.0.113.1")}, pattern(20, 1)));
     },
     kLan},
    {"between plain ports", kLan,
     [](Bench& t) {
         return t.lan_frame(udp_packet({.source = t.a.host(Family::v4), .destination = t.b.wan(Family::v4)},
                                       pattern(20, 1)));
     },
     kLan},
    {"a plain packet whose time is up", kLan,
     [](Bench& t) {
         return t.lan_frame(
             udp_packet({.source = t.a.host(Family::v4), .destination = t.b.host(Family::v4), .ttl = 1},
                        pattern(20, 1)));
     },
     kLan},
    {"a plain packet beyond the tunnel's MTU", kLan,
     [](Bench& t) { return t.lan_frame(t.plain(Family::v4, 1393)); }, kLan},
    {"decrypted, to one of our addresses", kWan,
     [](Bench& t) {
         return t.wan_frame(t.sealed(udp_packet(
             {.source = t.b.host(Family::v4), .destination = t.a.lan(Family::v4)}, pattern(20, 1))));
     },
     TestGateway::kTunnelHost},
    {"decrypted, without a route", kWan,
     [](Bench& t) {
         return t.wan_frame(t.sealed(udp_packet(
             {.source = t.b.host(Family::v6), .destination = address("2001:db8::1")}, pattern(20, 1))));
     },
     TestGateway::kTunnelHost},
    {"decrypted, its time is up", kWan,
     [](Bench& t) {
         return t.wan_frame(t.sealed(
             udp_packet({.source = t.b.host(Family::v6), .destination = t.a.host(Family::v6), .ttl = 1},
                        pattern(20, 1))));
     },
     TestGateway::kTunnelHost},
    {"decrypted, link-local", kWan,
     [](Bench& t) {
         return t.wan_frame(t.sealed(udp_packet(
             {.source = t.b.host(Family::v6), .destination = address("fe80::1")}, pattern(20, 1))));
     },
     TestGateway::kTunnelHost},
    {"decrypted, multicast", kWan,
     [](Bench& t) {
         return t.wan_frame(t.sealed(udp_packet(
             {.source = t.b.host(Family::v4), .destination = address("224.0.0.5")}, pattern(20, 1))));
     },
     TestGateway::kTunnelHost},
    {"decrypted, forward: host", kWan,
     [](Bench& t) {
         t.a.core().set_forwarding(0, true, true, false);
         return t.wan_frame(t.sealed(t.inner()));
     },
     TestGateway::kTunnelHost},
    {"plain, forward: host", kLan,
     [](Bench& t) {
         t.a.core().set_forwarding(0, true, true, false);
         return t.lan_frame(t.plain());
     },
     kLan},
};

}  // namespace

TEST_CASE("what is the host stack's goes to the interface it came by, unchanged") {
    for (const HostCase& row : kForTheHost) {
        CAPTURE(row.description);
        Bench bench;
        const Bytes frame = row.make(bench);
        REQUIRE(bench.a.receive(row.port, frame));
        bench.network.settle();
        CHECK(bench.a.drop_names().empty());
        for (dataplane::HostIndex host = 0; host < 3; ++host) {
            const std::vector<Bytes> got = bench.a.take_host(host);
            REQUIRE(got.size() == (host == row.host ? 1 : 0));
            // From a port the whole frame; out of a tunnel the IP packet that was inside.
            if (host == row.host && host != TestGateway::kTunnelHost) CHECK(got[0] == frame);
            if (host == row.host && host == TestGateway::kTunnelHost) CHECK(checksums_right(got[0]));
        }
        CHECK(bench.a.accounts_balance());
    }
}

}  // namespace ringway::tests
