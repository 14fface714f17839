#include <doctest/doctest.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <vector>

#include "control/host/host_control.h"
#include "control/host/tun_device.h"
#include "tests/control/host/namespaces.h"

using namespace ringway::control::host;
using ringway::tests::address;
using ringway::tests::eventually;
using ringway::tests::interface_address;
using ringway::tests::TestNetns;

namespace {

constexpr MacAddress kMac = {0x02, 0x11, 0x22, 0x33, 0x44, 0x55};

TunOptions tap_options(const std::string& name) {
    return {.kind = TunOptions::Kind::tap,
            .name = name,
            .mac = kMac,
            .mtu = 1450,
            .addresses = {interface_address("192.0.2.1/24"), interface_address("2001:db8::1/64")},
            .detect_duplicates = false};
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

/// The next packet of the device that `wanted` accepts, without its header.
template <typename Wanted>
std::optional<std::vector<std::uint8_t>> next_packet(const TunDevice& device, Wanted&& wanted) {
    std::vector<std::uint8_t> packet;
    const bool found = eventually(device.fd(), [&] {
        packet.resize(65536);
        const ssize_t length = ::read(device.fd(), packet.data(), packet.size());
        if (length < static_cast<ssize_t>(kVnetHeaderBytes)) return false;
        packet.resize(static_cast<std::size_t>(length));
        packet.erase(packet.begin(), packet.begin() + kVnetHeaderBytes);
        return wanted(packet);
    });
    if (!found) return std::nullopt;
    return packet;
}

bool is_ethernet(const std::vector<std::uint8_t>& frame, std::uint16_t type) {
    return frame.size() >= 14 && frame[12] == type >> 8 && frame[13] == (type & 0xff);
}

}  // namespace

TEST_CASE("a TAP has the MAC, MTU and addresses it was given, is up, and is gone with its descriptor") {
    const TestNetns red("red");
    {
        const auto tap = TunDevice::create(red.handle(), tap_options("rw-lan"));
        REQUIRE_MESSAGE(tap.has_value(), tap.error().message());
        const std::string link = red.ip("-d addr show dev rw-lan");
        CHECK(contains(link, "02:11:22:33:44:55"));
        CHECK(contains(link, "mtu 1450"));
        CHECK(contains(link, "UP,LOWER_UP"));
        CHECK(contains(link, "inet 192.0.2.1/24 brd 192.0.2.255"));
        CHECK(contains(link, "inet6 2001:db8::1/64"));
        CHECK(contains(link, "vnet_hdr on"));
        CHECK(contains(red.ip("-o link show"), fmt::format("{}: rw-lan", tap->index())));
    }
    CHECK_FALSE(contains(red.ip("link show"), "rw-lan"));
}

TEST_CASE("a TUN's IPv6 address is usable at once and the kernel adds none of its own") {
    const TestNetns red("red");
    const auto tun = TunDevice::create(
        red.handle(), {.kind = TunOptions::Kind::tun,
                       .name = "wg0",
                       .mtu = 1420,
                       .addresses = {interface_address("10.9.0.1/24"), interface_address("fd00::1/64")}});
    REQUIRE_MESSAGE(tun.has_value(), tun.error().message());
    const std::string link = red.ip("addr show dev wg0");
    CHECK(contains(link, "mtu 1420"));
    CHECK(contains(link, "inet 10.9.0.1/24"));
    CHECK(contains(link, "inet6 fd00::1/64"));
    CHECK_FALSE(contains(link, "tentative"));
    CHECK_FALSE(contains(link, "fe80"));
}

TEST_CASE("a TUN gives IP packets behind a header and takes them") {
    const TestNetns red("red");
    const auto tun = TunDevice::create(
        red.handle(),
        {.kind = TunOptions::Kind::tun, .name = "wg0", .addresses = {interface_address("10.9.0.1/24")}});
    REQUIRE(tun.has_value());
    ringway::tests::try_shell("ip netns exec red ping -c 1 -W 0.1 10.9.0.2");
    const auto request =
        next_packet(*tun, [](const auto& p) { return p.size() >= 28 && p[0] == 0x45 && p[9] == 1; });
    REQUIRE(request.has_value());

    // The same packet comes in from the other side: the host answers it.
    std::vector<std::uint8_t> packet(kVnetHeaderBytes);
    packet.insert(packet.end(), request->begin(), request->end());
    for (std::size_t i = 0; i < 4; ++i)
        std::swap(packet[kVnetHeaderBytes + 12 + i], packet[kVnetHeaderBytes + 16 + i]);
    REQUIRE(::write(tun->fd(), packet.data(), packet.size()) == static_cast<ssize_t>(packet.size()));
    CHECK(next_packet(*tun, [](const auto& p) {
              return p.size() >= 28 && p[9] == 1 && p[20] == 0;
          }).has_value());
}

TEST_CASE("reading an idle device does not block") {
    const TestNetns red("red");
    const auto tun = TunDevice::create(red.handle(), {.kind = TunOptions::Kind::tun, .name = "wg0"});
    REQUIRE(tun.has_value());
    std::array<std::uint8_t, 2048> buffer{};
    CHECK(::read(tun->fd(), buffer.data(), buffer.size()) == -1);
    CHECK(errno == EAGAIN);
}

TEST_CASE("a name that is taken or can't be one is refused, and the holder keeps it") {
    const TestNetns red("red");
    const auto first = TunDevice::create(red.handle(), tap_options("rw-lan"));
    REQUIRE(first.has_value());
    const auto second = TunDevice::create(red.handle(), tap_options("rw-lan"));
    REQUIRE_FALSE(second.has_value());
    CHECK(second.error().code == EBUSY);
    CHECK(contains(second.error().message(), "rw-lan"));

    for (const char* name : {"", "tap%d", "a-name-beyond-15", "a/b"}) {
        CAPTURE(name);
        CHECK(TunDevice::create(red.handle(), tap_options(name)).error().code == EINVAL);
    }
    CHECK(contains(red.ip("link show dev rw-lan"), "02:11:22:33:44:55"));
}

TEST_CASE("a device that was deleted or moved away is made anew behind the same descriptor") {
    const TestNetns red("red");
    const TestNetns blue("blue");
    auto tap = TunDevice::create(red.handle(), tap_options("rw-lan"));
    REQUIRE(tap.has_value());
    const int fd = tap->fd();
    for (const std::string& harm :
         {std::string("link delete rw-lan"), "link set rw-lan netns " + blue.name()}) {
        CAPTURE(harm);
        red.ip(harm);
        REQUIRE(tap->remake(red.handle()).has_value());
        CHECK(tap->fd() == fd);
        const std::string shown = red.ip("addr show dev rw-lan");
        CHECK(contains(shown, "02:11:22:33:44:55"));
        CHECK(contains(shown, "192.0.2.1/24"));
        CHECK(HostControl::open(red.handle())->find_interface("rw-lan").value() == tap->index());
        CHECK_FALSE(contains(blue.ip("link show"), "rw-lan"));
        // The new one is read by the old number.
        REQUIRE(
            HostControl::open(red.handle())->use_neighbour(tap->index(), address("192.0.2.77")).has_value());
        CHECK(next_packet(*tap, [](const auto& frame) { return is_ethernet(frame, 0x0806); }).has_value());
    }
}

TEST_CASE("a device whose name another has taken meanwhile is not made anew before that has gone") {
    const TestNetns red("red");
    auto tap = TunDevice::create(red.handle(), tap_options("rw-lan"));
    REQUIRE(tap.has_value());
    red.ip("link delete rw-lan");
    auto other = TunDevice::create(red.handle(), tap_options("rw-lan"));
    REQUIRE(other.has_value());
    CHECK(tap->remake(red.handle()).error().code == EBUSY);
    other = tl::unexpected(HostError{});
    CHECK(tap->remake(red.handle()).has_value());
}

TEST_CASE("an error half way leaves no interface") {
    const TestNetns red("red");
    TunOptions options = tap_options("rw-lan");
    options.addresses.push_back(interface_address("198.51.100.1/33"));
    CHECK_FALSE(TunDevice::create(red.handle(), options).has_value());
    CHECK_FALSE(contains(red.ip("link show"), "rw-lan"));
}

TEST_CASE("use_neighbour has the kernel ask for an IPv4 and an IPv6 neighbour") {
    const TestNetns red("red");
    const auto tap = TunDevice::create(red.handle(), tap_options("rw-lan"));
    REQUIRE(tap.has_value());
    auto control = HostControl::open(red.handle()).value();

    REQUIRE(control.use_neighbour(tap->index(), address("192.0.2.77")).has_value());
    const auto arp = next_packet(*tap, [](const auto& frame) { return is_ethernet(frame, 0x0806); });
    REQUIRE(arp.has_value());
    CHECK(std::vector<std::uint8_t>(arp->begin() + 38, arp->begin() + 42) ==
          std::vector<std::uint8_t>{192, 0, 2, 77});

    REQUIRE(control.use_neighbour(tap->index(), address("2001:db8::77")).has_value());
    constexpr std::size_t kIcmp = 14 + 40;
    const auto solicitation = next_packet(*tap, [](const auto& frame) {
        return is_ethernet(frame, 0x86dd) && frame.size() >= kIcmp + 24 && frame[kIcmp] == 135 &&
               frame[kIcmp + 23] == 0x77;
    });
    CHECK(solicitation.has_value());
}
