// A tunnel inside a tunnel: sealed packets that enter another tunnel where they would leave by a port.

#include <doctest/doctest.h>

#include "crypto/noise.h"
#include "tests/support/test_network.h"

namespace ringway::tests {

namespace {

constexpr dataplane::TunnelIndex kInner = 1;
constexpr std::uint16_t kInnerPort = 51821;
constexpr std::uint16_t kInnerMtu = 1420 - 80;

crypto::PrivateKey inner_key(const TestGateway& gateway) {
    std::array<std::uint8_t, crypto::kKeyBytes> bytes{};
    SeededRandom(3000 + gateway.number()).fill(bytes);
    return crypto::PrivateKey(bytes);
}

/// The address inside the inner tunnel.
dataplane::IpAddress inside(const TestGateway& gateway, Family family) {
    const std::string n = std::to_string(gateway.number());
    return address(family == Family::v4 ? "10.99.0." + n : "fd99::" + n);
}

void add_inner_tunnel(TestGateway& gateway) {
    control::TunnelSpec tunnel;
    tunnel.private_key = inner_key(gateway);
    tunnel.listen_port = kInnerPort;
    tunnel.mtu = kInnerMtu;
    tunnel.host = TestGateway::kSpareHost;
    gateway.core().add_tunnel(kInner, std::move(tunnel));
    for (const Family family : {Family::v4, Family::v6}) {
        const std::uint8_t whole = family == Family::v4 ? 32 : 128;
        gateway.route(dataplane::IpPrefix{inside(gateway, family), whole}.to_string(),
                      {.kind = dataplane::NextHop::Kind::local});
    }
}

/// Makes `other` a peer in the inner tunnel, to be reached at its LAN address through the outer one.
void add_inner_peer(TestGateway& gateway, const TestGateway& other, Family endpoint) {
    const std::string net = std::to_string(other.number());
    gateway.route(endpoint == Family::v4 ? "192.168." + net + ".0/24" : "fd00:" + net + "::/64",
                  {.kind = dataplane::NextHop::Kind::tunnel,
                   .tunnel = TestGateway::kTunnel,
                   .source = gateway.lan(endpoint)});
    control::PeerSpec spec;
    spec.public_key = crypto::LocalIdentity::from(inner_key(other)).public_key;
    spec.endpoint = dataplane::Endpoint{.remote = other.lan(endpoint), .remote_port = kInnerPort};
    const PeerIndex peer = gateway.core().add_peer(kInner, std::move(spec)).value();
    for (const Family family : {Family::v4, Family::v6}) {
        const std::uint8_t whole = family == Family::v4 ? 32 : 128;
        const dataplane::IpPrefix prefix{inside(other, family), whole};
        gateway.core().add_allowed_ip(peer, prefix);
    }
}

/// What one gateway's host sends into the inner tunnel is what the other's gets.
void expect_passes(TestNetwork& network, TestGateway& from, TestGateway& to, Family family,
                   std::size_t payload) {
    const Bytes packet =
        udp_packet({.source = inside(from, family), .destination = inside(to, family)}, pattern(payload, 1));
    REQUIRE(from.receive_from_host(packet, kInner));
    network.settle();
    CHECK(to.take_host(TestGateway::kSpareHost) == std::vector<Bytes>{packet});
    CHECK(network.accounts_balance());
}

}  // namespace

TEST_CASE("the host's packets pass a tunnel inside a tunnel, whatever the families of both endpoints") {
    for (const Family outer : {Family::v4, Family::v6}) {
        for (const Family inner : {Family::v4, Family::v6}) {
            CAPTURE(int{outer == Family::v6});
            CAPTURE(int{inner == Family::v6});
            TestNetwork network;
            TestGateway& a = network.add({.number = 1});
            TestGateway& b = network.add({.number = 2});
            TestNetwork::join(a, b, {.endpoint = outer});
            add_inner_tunnel(a);
            add_inner_tunnel(b);
            add_inner_peer(a, b, inner);
            add_inner_peer(b, a, inner);
            for (const Family family : {Family::v4, Family::v6}) {
                const std::size_t headers = family == Family::v4 ? 28 : 48;
                for (const std::size_t payload : {std::size_t{0}, std::size_t{100}, kInnerMtu - headers}) {
                    expect_passes(network, a, b, family, payload);
                    expect_passes(network, b, a, family, payload);
                }
            }
            CHECK(network.drop_names().empty());
        }
    }
}

TEST_CASE("a sealed packet that is too big for the tunnel around it is dropped by name") {
    TestNetwork network;
    TestGateway& a = network.add({.number = 1});
    TestGateway& b = network.add({.number = 2});
    TestNetwork::join(a, b);
    add_inner_tunnel(a);
    add_inner_tunnel(b);
    add_inner_peer(a, b, Family::v6);
    add_inner_peer(b, a, Family::v6);
    expect_passes(network, a, b, Family::v4, 100);
    a.plane().tunnels[TestGateway::kTunnel]->mtu = kInnerMtu;
    const Bytes packet = udp_packet({.source = inside(a, Family::v4), .destination = inside(b, Family::v4)},
                                    pattern(kInnerMtu - 28, 1));
    REQUIRE(a.receive_from_host(packet, kInner));
    network.settle();
    CHECK(a.drop_names() == "too_big=1");
    CHECK(b.take_host(TestGateway::kSpareHost).empty());
    CHECK(network.accounts_balance());
}

}  // namespace ringway::tests
