#include "control/wg_socket/device_writer.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <random>
#include <sstream>
#include <string>

#include "control/wg_socket/request_reader.h"
#include "tests/control/wg_socket/sample.h"

namespace ringway::control {
namespace {

using dataplane::IpAddress;
using test::hex_key;
using test::prefix;

/// Writes through a buffer of this size, as a connection does.
std::string write_all(WgDevice device, std::size_t buffer_size = WgDeviceWriter::kMaxPiece) {
    WgDeviceWriter writer(std::move(device));
    std::string buffer(buffer_size, '\0');
    std::string text;
    while (const std::size_t written = writer.next(buffer)) {
        REQUIRE(written <= buffer_size);
        text.append(buffer, 0, written);
    }
    return text;
}

WgDevice random_device(std::uint32_t seed) {
    std::mt19937 random(seed);
    const auto below = [&](std::size_t bound) { return static_cast<std::uint8_t>(random() % bound); };
    const auto address = [&](dataplane::Family family) {
        std::array<std::uint8_t, 16> bytes{};
        for (auto& value : bytes)
            value = below(256);
        return dataplane::IpAddress::from_wire(family, bytes.data());
    };
    const auto any_prefix = [&] {
        const IpAddress host = address(below(2) == 0 ? dataplane::Family::v4 : dataplane::Family::v6);
        return prefix(host.to_string() + "/" + std::to_string(below(8 * host.size() + 1)));
    };

    WgDevice device{.private_key = test::key_of<crypto::PrivateKey>(1 + below(255)),
                    .listen_port = static_cast<std::uint16_t>(1 + below(255)),
                    .fwmark = 1 + static_cast<std::uint32_t>(random() >> 1)};
    for (std::uint8_t i = 0; i < 20; ++i) {
        WgPeer peer{.public_key = test::public_key_of(i),
                    .preshared_key = test::key_of<crypto::PresharedKey>(below(3))};
        const auto family = below(2) == 0 ? dataplane::Family::v4 : dataplane::Family::v6;
        if (below(4) != 0)
            peer.endpoint = WgEndpoint{address(family), static_cast<std::uint16_t>(1 + below(255))};
        peer.persistent_keepalive_seconds = below(3);
        for (int count = below(4); count > 0; --count)
            peer.allowed_ips.push_back(any_prefix());
        device.peers.push_back(std::move(peer));
    }
    return device;
}

/// The `set` request that would make a device like the one shown.
std::string as_set_request(const std::string& shown) {
    std::istringstream lines(shown);
    std::string text = "set=1\n";
    for (std::string line; std::getline(lines, line);) {
        const std::string key = line.substr(0, line.find('='));
        const bool only_shown =
            key == "errno" || key.ends_with("_bytes") || key.starts_with("last_handshake");
        if (!only_shown) text += line + "\n";
    }
    return text;
}

void check_same(const WgPeerChange& read, const WgPeer& shown) {
    CHECK(read.public_key == shown.public_key);
    CHECK(read.preshared_key.has_value() != shown.preshared_key.is_zero());
    CHECK((!read.preshared_key || read.preshared_key->equals(shown.preshared_key)));
    CHECK(read.endpoint == shown.endpoint);
    CHECK(read.persistent_keepalive_seconds == shown.persistent_keepalive_seconds);
    CHECK(std::ranges::equal(read.allowed_ips, shown.allowed_ips, {}, &WgAllowedIpChange::prefix));
}

}  // namespace

TEST_CASE("a device without anything is only its errno") {
    CHECK(write_all({}) == "errno=0\n\n");
}

TEST_CASE("every property is written, an IPv6 endpoint in brackets") {
    WgDevice device{
        .private_key = test::key_of<crypto::PrivateKey>(0xaa), .listen_port = 51820, .fwmark = 51};
    device.peers.push_back(WgPeer{.public_key = test::public_key_of(0xbb),
                                  .preshared_key = test::key_of<crypto::PresharedKey>(0xcc),
                                  .endpoint = parse_endpoint("[2001:db8::1]:12345"),
                                  .last_handshake_unix_nanoseconds = 1'700'000'000'000'000'007,
                                  .rx_bytes = 18446744073709551615U,
                                  .tx_bytes = 1,
                                  .persistent_keepalive_seconds = 25,
                                  .allowed_ips = {prefix("10.0.0.0/8"), prefix("fd00::/64")}});
    device.peers.push_back(WgPeer{.public_key = test::public_key_of(0xdd)});
    CHECK(write_all(std::move(device)) ==
          "private_key=" + hex_key('a') + "\nlisten_port=51820\nfwmark=51\npublic_key=" + hex_key('b') +
              "\npreshared_key=" + hex_key('c') +
              "\nprotocol_version=1\nendpoint=[2001:db8::1]:12345\n"
              "last_handshake_time_sec=1700000000\nlast_handshake_time_nsec=7\n"
              "rx_bytes=18446744073709551615\ntx_bytes=1\n"
              "persistent_keepalive_interval=25\n"
              "allowed_ip=10.0.0.0/8\nallowed_ip=fd00::/64\npublic_key=" +
              hex_key('d') +
              "\nprotocol_version=1\nlast_handshake_time_sec=0\n"
              "last_handshake_time_nsec=0\nrx_bytes=0\ntx_bytes=0\n"
              "persistent_keepalive_interval=0\nerrno=0\n\n");
}

TEST_CASE("the longest peer there can be fits into a piece") {
    WgDevice device;
    device.peers.push_back(
        WgPeer{.public_key = test::public_key_of(0xff),
               .preshared_key = test::key_of<crypto::PresharedKey>(0xff),
               .endpoint = parse_endpoint("[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535"),
               .last_handshake_unix_nanoseconds = ~std::uint64_t{0},
               .rx_bytes = ~std::uint64_t{0},
               .tx_bytes = ~std::uint64_t{0},
               .persistent_keepalive_seconds = 65535});
    // The text, the terminating byte that hex encoding writes, and what inet_ntop may touch.
    CHECK(write_all(std::move(device)).size() + INET6_ADDRSTRLEN < WgDeviceWriter::kMaxPiece);
}

TEST_CASE("what is shown, sent back as a request, says the same") {
    for (std::uint32_t seed = 0; seed < 100; ++seed) {
        CAPTURE(seed);
        const WgDevice device = random_device(seed);
        const auto request = parse_wg_request(as_set_request(write_all(random_device(seed))));
        REQUIRE(request.has_value());
        const auto& set = std::get<WgSetRequest>(*request);
        CHECK(set.private_key.value().equals(device.private_key));
        CHECK(set.listen_port == device.listen_port);
        CHECK(set.fwmark == device.fwmark);
        REQUIRE(set.peers.size() == device.peers.size());
        for (std::size_t i = 0; i < set.peers.size(); ++i)
            check_same(set.peers[i], device.peers[i]);
    }
}

TEST_CASE("the text does not depend on the size of the buffer") {
    const std::string text = write_all(random_device(7));
    for (std::size_t extra : {1, 63, 1000, 100'000}) {
        CHECK(write_all(random_device(7), WgDeviceWriter::kMaxPiece + extra) == text);
    }
}

}  // namespace ringway::control
