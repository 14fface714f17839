// Token buckets in front of host interfaces: a flood of one class for the host stack costs the others
// nothing.

#include <doctest/doctest.h>

#include <ranges>
#include <string>
#include <utility>

#include "dataplane/host_limits.h"
#include "tests/dataplane/packet_table.h"

namespace ringway::tests {

using namespace std::chrono_literals;
using dataplane::HostClass;

namespace {

constexpr std::uint32_t kPerSecond = 400;
constexpr std::size_t kAtOnce = kPerSecond / 4;

/// A gateway that limits every class, and a plain host that floods it.
struct Flood {
    Bench bench;
    TestGateway& gateway;

    Flood()
        : gateway(bench.network.add(
              {.number = 8,
               .host_limits = {.per_second = {kPerSecond, kPerSecond, kPerSecond, kPerSecond, 0}}})) {}

    [[nodiscard]] Bytes to_us(const Bytes& packet) const {
        return frame(gateway.mac(kLan), {2, 0, 0, 0, 0xee, 1}, packet);
    }
    /// TCP or ICMP, as far as a port or a type.
    [[nodiscard]] Bytes ip(Family family, std::uint8_t protocol, std::uint8_t type,
                           std::uint16_t port = 0) const {
        Bytes packet = udp_packet(
            {.source = gateway.host(family), .destination = gateway.lan(family), .destination_port = port},
            pattern(20, 1));
        packet[family == Family::v4 ? 9 : 6] = protocol;
        renew_checksum(packet);
        if (port == 0) packet[family == Family::v4 ? 20 : 40] = type;
        return packet;
    }
    /// The IPv4 packet to another address.
    [[nodiscard]] static Bytes to(Bytes packet, const std::array<std::uint8_t, 4>& destination) {
        std::copy(destination.begin(), destination.end(), packet.begin() + 16);
        renew_checksum(packet);
        return packet;
    }
    [[nodiscard]] Bytes arp() const {
        Bytes bytes(60, 0);
        std::fill_n(bytes.begin(), 6, 0xff);
        bytes[6] = 2;
        bytes[12] = 8;
        bytes[13] = 6;
        return bytes;
    }
    /// How many of so many frames the host gets.
    std::size_t send(const Bytes& bytes, std::size_t count) {
        std::size_t got = 0;
        for (std::size_t i = 0; i < count; ++i) {
            REQUIRE(gateway.receive(kLan, bytes));
            (void)gateway.step();
            got += gateway.take_host(kLan).size();
        }
        return got;
    }
};

Bytes tagged(Bytes frame, int tags) {
    for (int i = 0; i < tags; ++i)
        frame.insert(frame.begin() + 12, {0x81, 0, 0, 42});
    return frame;
}

/// The IPv6 packet with these extension headers, of 8 bytes each, one of them of 16.
Bytes behind_extensions(Bytes packet, std::vector<std::uint8_t> headers) {
    std::uint8_t next = packet[6];
    for (const std::uint8_t header : headers | std::views::reverse) {
        const bool longer = header == 60;
        Bytes extension(longer ? 16 : 8, 0);
        extension[0] = std::exchange(next, header);
        extension[1] = longer ? 1 : 0;
        packet.insert(packet.begin() + 40, extension.begin(), extension.end());
        packet[5] = static_cast<std::uint8_t>(packet[5] + extension.size());
    }
    packet[6] = next;
    return packet;
}

}  // namespace

TEST_CASE("each class for the host has a quarter second at once and then its rate, the others untouched") {
    struct Row {
        const char* what;
        DropReason reason;
        std::function<Bytes(const Flood&)> make;
    };
    const std::vector<Row> rows = {
        {"ARP", DropReason::host_arp_limited, [](const Flood& f) { return f.arp(); }},
        {"ND", DropReason::host_nd_limited,
         [](const Flood& f) { return f.to_us(f.ip(Family::v6, 58, 135)); }},
        {"ICMP", DropReason::host_icmp_limited,
         [](const Flood& f) { return f.to_us(f.ip(Family::v4, 1, 8)); }},
        {"ICMPv6", DropReason::host_icmp_limited,
         [](const Flood& f) { return f.to_us(f.ip(Family::v6, 58, 128)); }},
        {"BGP", DropReason::host_bgp_limited,
         [](const Flood& f) { return f.to_us(f.ip(Family::v4, 6, 0, 179)); }},
        {"BGP over IPv6", DropReason::host_bgp_limited,
         [](const Flood& f) { return f.to_us(f.ip(Family::v6, 6, 0, 179)); }},
        {"ICMP to all", DropReason::host_icmp_limited,
         [](const Flood& f) {
             return f.to_us(f.to(f.ip(Family::v4, 1, 8), {224, 0, 0, 1}));
         }},
        {"ICMPv6 behind extension headers", DropReason::host_icmp_limited,
         [](const Flood& f) {
             return f.to_us(behind_extensions(f.ip(Family::v6, 58, 128), {0, 60, 43, 44}));
         }},
        {"ICMPv6 behind more headers than anybody sends", DropReason::host_icmp_limited,
         [](const Flood& f) {
             return f.to_us(behind_extensions(f.ip(Family::v6, 58, 128), std::vector<std::uint8_t>(9, 43)));
         }},
        {"a header that is cut short", DropReason::host_icmp_limited,
         [](const Flood& f) {
             Bytes packet = behind_extensions(f.ip(Family::v6, 58, 128), {43});
             packet[41] = 200;
             return f.to_us(packet);
         }},
        {"ND behind one", DropReason::host_nd_limited,
         [](const Flood& f) { return f.to_us(behind_extensions(f.ip(Family::v6, 58, 135), {60})); }},
        {"ARP in VLANs", DropReason::host_arp_limited, [](const Flood& f) { return tagged(f.arp(), 2); }},
    };
    for (const Row& row : rows) {
        CAPTURE(row.what);
        Flood flood;
        CHECK(flood.send(row.make(flood), 1000) == kAtOnce);
        CHECK(flood.gateway.drop_names() ==
              std::string(name(row.reason)) + "=" + std::to_string(1000 - kAtOnce));
        for (const Row& other : rows) {
            if (other.reason != row.reason && std::string(other.what).find("ARP in") == std::string::npos)
                CHECK(flood.send(other.make(flood), 1) == 1);
        }
        CHECK(flood.send(flood.to_us(flood.ip(Family::v4, 6, 0, 22)), 500) == 500);
        flood.bench.network.clock().advance(50ms);
        CHECK(flood.send(row.make(flood), 1000) == kPerSecond / 20);
        flood.bench.network.clock().advance(10s);
        CHECK(flood.send(row.make(flood), 1000) == kAtOnce);
        CHECK(flood.gateway.accounts_balance());
    }
}

TEST_CASE("a flood of ARP or ND keeps none of those from the host that it sends to already") {
    Flood flood;
    const auto of = [](Bytes bytes, const dataplane::MacAddress& mac) {
        std::copy(mac.begin(), mac.end(), bytes.begin() + 6);
        return bytes;
    };
    const dataplane::MacAddress known = flood.gateway.host_mac();
    Bytes arp = flood.arp();
    const auto address_of_known = flood.gateway.host(Family::v4).bytes;
    std::copy_n(address_of_known.begin(), 4, arp.begin() + 28);
    const Bytes nd = flood.to_us(flood.ip(Family::v6, 58, 136));

    (void)flood.send(flood.arp(), 1000);
    (void)flood.send(of(nd, {2, 1, 1, 1, 1, 1}), 1000);
    CHECK(flood.send(flood.arp(), 10) == 0);
    CHECK(flood.send(of(arp, known), 10) == 10);
    CHECK(flood.send(of(arp, {2, 1, 1, 1, 1, 1}), 10) == 0);
    CHECK(flood.send(of(nd, known), 10) == 10);
    CHECK(flood.send(of(nd, {2, 1, 1, 1, 1, 1}), 10) == 0);
    CHECK(flood.gateway.accounts_balance());
}

TEST_CASE("what the host only forwards is not limited") {
    Flood flood;
    Bytes packet = udp_packet(
        {.source = flood.gateway.host(Family::v4), .destination = address("203.0.113.1")}, pattern(20, 1));
    packet[9] = 1;
    renew_checksum(packet);
    CHECK(flood.send(flood.to_us(packet), 1000) == 1000);
    CHECK(flood.gateway.drop_names().empty());
}

TEST_CASE("a peer floods the host through its tunnel in vain, too") {
    TestNetwork network;
    TestGateway& a = network.add({.number = 1, .host_limits = {.per_second = {0, 0, kPerSecond, 0, 0}}});
    TestGateway& b = network.add({.number = 2});
    TestNetwork::join(a, b);
    Bytes packet =
        udp_packet({.source = b.host(Family::v4), .destination = a.lan(Family::v4)}, pattern(20, 1));
    packet[9] = 1;
    renew_checksum(packet);
    std::size_t got = 0;
    for (std::size_t i = 0; i < 300; ++i) {
        REQUIRE(b.receive_from_lan(packet));
        network.settle();
        got += a.take_host(TestGateway::kTunnelHost).size();
    }
    CHECK(got == kAtOnce);
    CHECK(a.drop_names() == "host_icmp_limited=" + std::to_string(300 - kAtOnce));
    CHECK(network.accounts_balance());
}

}  // namespace ringway::tests
