#include <doctest/doctest.h>

#include <cerrno>
#include <vector>

#include "control/host/listen_socket.h"
#include "tests/control/host/namespaces.h"

using namespace ringway::control::host;
using ringway::tests::address;
using ringway::tests::eventually;
using ringway::tests::join_by_veth;
using ringway::tests::send_udp;
using ringway::tests::TestNetns;

namespace {

std::optional<Datagram> wait_for(ListenSocket& socket, std::span<std::uint8_t> buffer) {
    std::optional<Datagram> datagram;
    (void)eventually(socket.fd(), [&] { return (datagram = socket.receive(buffer).value()).has_value(); });
    return datagram;
}

}  // namespace

TEST_CASE("a listen socket puts fragments together and tells where a datagram came from and went to") {
    const TestNetns red("red");
    const TestNetns blue("blue");
    join_by_veth(red, "v0", blue, "v1");
    red.batch({"addr add 192.0.2.1/24 dev v0", "addr add 2001:db8::1/64 dev v0 nodad"});
    blue.batch({"addr add 192.0.2.2/24 dev v1", "addr add 2001:db8::2/64 dev v1 nodad"});
    std::vector<std::uint8_t> buffer(65535);

    struct Case {
        Family family;
        const char* from;
        const char* to;
    };
    for (const auto& [family, from, to] :
         {Case{Family::v4, "192.0.2.2", "192.0.2.1"}, Case{Family::v6, "2001:db8::2", "2001:db8::1"}}) {
        CAPTURE(to);
        auto socket = ListenSocket::open(red.handle(), family, 51820).value();
        send_udp(blue, to, 51820, 4000);
        const auto datagram = wait_for(socket, buffer);
        REQUIRE(datagram.has_value());
        CHECK(datagram->payload.size() == 4000);
        CHECK(datagram->source == address(from));
        CHECK(datagram->source_port == ringway::tests::kSenderPort);
        CHECK(datagram->destination == address(to));
        CHECK(datagram->traffic_class == ringway::tests::kSenderTrafficClass);
        CHECK(red.ip("-o link show dev v0").starts_with(fmt::format("{}:", datagram->interface)));
        CHECK_FALSE(socket.receive(buffer).value().has_value());
    }
}

TEST_CASE("both families hold the port, so that no other program can take it") {
    const TestNetns red("red");
    const auto v4 = ListenSocket::open(red.handle(), Family::v4, 51820);
    const auto v6 = ListenSocket::open(red.handle(), Family::v6, 51820);
    REQUIRE(v4.has_value());
    REQUIRE(v6.has_value());
    CHECK(ListenSocket::open(red.handle(), Family::v4, 51820).error().code == EADDRINUSE);
    CHECK(ListenSocket::open(red.handle(), Family::v6, 51820).error().code == EADDRINUSE);
    const TestNetns blue("blue");
    CHECK(ListenSocket::open(blue.handle(), Family::v4, 51820).has_value());
}

TEST_CASE("port zero takes any port and tells which; a datagram beyond the buffer is dropped") {
    const TestNetns red("red");
    auto socket = ListenSocket::open(red.handle(), Family::v4, 0).value();
    REQUIRE(socket.port() != 0);
    send_udp(red, "127.0.0.1", socket.port(), 300);
    send_udp(red, "127.0.0.1", socket.port(), 100);
    std::vector<std::uint8_t> buffer(200);
    const auto datagram = wait_for(socket, buffer);
    REQUIRE(datagram.has_value());
    CHECK(datagram->payload.size() == 100);
}
