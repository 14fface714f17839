#include "control/wg_socket/request_reader.h"

#include <doctest/doctest.h>

#include <cerrno>
#include <string>
#include <vector>

#include "tests/control/wg_socket/sample.h"

namespace ringway::control {
namespace {

using test::hex_key;
using test::prefix;

/// A `set` request of these lines.
std::string set_text(const std::string& lines) {
    return "set=1\n" + lines + "\n";
}
/// A `set` request that names one peer and says this of it.
std::string peer_text(const std::string& lines) {
    return set_text("public_key=" + hex_key('a') + "\n" + lines);
}

WgSetRequest parse_set(const std::string& text) {
    auto request = parse_wg_request(text);
    REQUIRE_MESSAGE(request.has_value(), text);
    REQUIRE(std::holds_alternative<WgSetRequest>(*request));
    return std::get<WgSetRequest>(std::move(*request));
}

WgPeerChange parse_peer(const std::string& lines) {
    auto request = parse_set(peer_text(lines));
    REQUIRE(request.peers.size() == 1);
    return std::move(request.peers.front());
}

Errno error_of(const std::string& text, WgRequestLimits limits = {}) {
    const auto request = parse_wg_request(text, limits);
    return request ? 0 : request.error();
}

}  // namespace

TEST_CASE("a get request is its line and an empty one") {
    const auto request = parse_wg_request("get=1\n\n");
    REQUIRE(request.has_value());
    CHECK(std::holds_alternative<WgGetRequest>(*request));
}

TEST_CASE("an empty set request changes nothing") {
    const auto request = parse_set(set_text(""));
    CHECK_FALSE(request.private_key.has_value());
    CHECK_FALSE(request.listen_port.has_value());
    CHECK_FALSE(request.fwmark.has_value());
    CHECK_FALSE(request.replace_peers);
    CHECK(request.peers.empty());
}

TEST_CASE("every property of a device is read") {
    const auto request = parse_set(set_text("private_key=" + hex_key('b') +
                                            "\nlisten_port=51820\nfwmark=4294967295\nreplace_peers=true\n"));
    CHECK(request.private_key.value().equals(test::key_of<crypto::PrivateKey>(0xbb)));
    CHECK(request.listen_port == 51820);
    CHECK(request.fwmark == 0xffffffff);
    CHECK(request.replace_peers);
}

TEST_CASE("zero values are asked for, not left out") {
    const auto request = parse_set(set_text("private_key=" + hex_key('0') + "\nlisten_port=0\nfwmark=0\n"));
    CHECK(request.private_key.value().is_zero());
    CHECK(request.listen_port == 0);
    CHECK(request.fwmark == 0);
}

TEST_CASE("every property of a peer is read") {
    const auto peer = parse_peer("update_only=true\npreshared_key=" + hex_key('c') +
                                 "\nendpoint=203.0.113.7:51820\npersistent_keepalive_interval=65535\n"
                                 "replace_allowed_ips=true\nallowed_ip=10.9.0.2/32\nallowed_ip=fd00::2/128\n"
                                 "protocol_version=1\n");
    CHECK(peer.public_key == test::public_key_of(0xaa));
    CHECK(peer.update_only);
    CHECK_FALSE(peer.remove);
    CHECK(peer.preshared_key.value().equals(test::key_of<crypto::PresharedKey>(0xcc)));
    CHECK(peer.endpoint == parse_endpoint("203.0.113.7:51820"));
    CHECK(peer.persistent_keepalive_seconds == 65535);
    CHECK(peer.replace_allowed_ips);
    REQUIRE(peer.allowed_ips.size() == 2);
    CHECK(peer.allowed_ips[0] == WgAllowedIpChange{.prefix = prefix("10.9.0.2/32")});
    CHECK(peer.allowed_ips[1] == WgAllowedIpChange{.prefix = prefix("fd00::2/128")});
}

TEST_CASE("a public key begins the next peer") {
    const auto request =
        parse_set(peer_text("remove=true\npublic_key=" + hex_key('d') + "\nendpoint=[::1]:9\n"));
    REQUIRE(request.peers.size() == 2);
    CHECK(request.peers[0].remove);
    CHECK_FALSE(request.peers[0].endpoint.has_value());
    CHECK_FALSE(request.peers[1].remove);
    CHECK(request.peers[1].endpoint == parse_endpoint("[::1]:9"));
}

TEST_CASE("the last of several values for one property counts") {
    CHECK(parse_set(set_text("fwmark=1\nfwmark=2\n")).fwmark == 2);
}

TEST_CASE("replace_allowed_ips keeps only the allowed IPs that follow it") {
    const auto peer = parse_peer("allowed_ip=10.0.0.0/8\nreplace_allowed_ips=true\nallowed_ip=11.0.0.0/8\n");
    REQUIRE(peer.allowed_ips.size() == 1);
    CHECK(peer.allowed_ips[0].prefix == prefix("11.0.0.0/8"));
}

TEST_CASE("a minus before an allowed IP removes it") {
    const auto peer = parse_peer("allowed_ip=-10.0.0.0/8\n");
    REQUIRE(peer.allowed_ips.size() == 1);
    CHECK(peer.allowed_ips[0] == WgAllowedIpChange{.prefix = prefix("10.0.0.0/8"), .remove = true});
}

TEST_CASE("an allowed IP loses the bits beyond its length") {
    const std::vector<std::pair<std::string, std::string>> cases = {
        {"10.1.2.3/8", "10.0.0.0/8"},
        {"10.1.2.255/31", "10.1.2.254/31"},
        {"255.255.255.255/0", "0.0.0.0/0"},
        {"10.1.2.3/32", "10.1.2.3/32"},
        {"2001:db8:ffff::1/33", "2001:db8:8000::/33"},
        {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/127", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe/127"},
        {"::1/0", "::/0"},
    };
    for (const auto& [written, meant] : cases) {
        CAPTURE(written);
        CHECK(prefix(written).to_string() == meant);
    }
}

TEST_CASE("one wrong line refuses the whole request with EINVAL") {
    const std::string peer = "public_key=" + hex_key('a') + "\n";
    const std::vector<std::pair<const char*, std::string>> cases = {
        // Framing.
        {"nothing at all", ""},
        {"only an empty line", "\n"},
        {"no empty line", "set=1\nfwmark=1\n"},
        {"last line without its end", "set=1\nfwmark=1"},
        {"text after the empty line", set_text("") + "x"},
        {"second request after the empty line", set_text("") + set_text("")},
        {"CR LF", "set=1\r\n\r\n"},
        {"blank line of spaces", "set=1\n \n\n"},
        {"a NUL byte in a line", set_text(std::string("fwmark=1\0\n", 10))},
        {"a very long line", set_text("fwmark=" + std::string(100'000, '1') + "\n")},
        // The first line.
        {"unknown command", "put=1\n\n"},
        {"unknown version", "set=2\n\n"},
        {"version with a zero before it", "get=01\n\n"},
        {"no command", "fwmark=1\n\n"},
        {"a space before the command", " get=1\n\n"},
        {"get with a property", "get=1\nfwmark=1\n\n"},
        {"two commands", "set=1\nset=1\n\n"},
        // Keys and places of properties.
        {"unknown property of the device", set_text("mtu=1420\n")},
        {"unknown property of a peer", set_text(peer + "name=alice\n")},
        {"property of a peer before any peer", set_text("endpoint=1.2.3.4:5\n")},
        {"property of the device after a peer", set_text(peer + "listen_port=1\n")},
        {"property of get", set_text(peer + "rx_bytes=1\n")},
        {"errno from a client", set_text("errno=0\n")},
        {"a line without an equals sign", set_text("replace_peers\n")},
        {"an empty key", set_text("=1\n")},
        {"upper case", set_text("Fwmark=1\n")},
        {"a space around the equals sign", set_text("fwmark = 1\n")},
        {"the same peer twice", set_text(peer + peer)},
        {"the same peer twice, not in a row", set_text(peer + "public_key=" + hex_key('b') + "\n" + peer)},
        // Keys.
        {"63 digits", set_text("private_key=" + hex_key('a').substr(1) + "\n")},
        {"65 digits", set_text("private_key=" + hex_key('a') + "a\n")},
        {"62 digits", set_text("private_key=" + hex_key('a').substr(2) + "\n")},
        {"no digits", set_text("private_key=\n")},
        {"a digit that is none", set_text("private_key=" + hex_key('g') + "\n")},
        {"one bad digit at the end", set_text("public_key=" + hex_key('a').substr(1) + "x\n")},
        {"base64", set_text("public_key=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n")},
        {"preshared key with a prefix", set_text(peer + "preshared_key=0x" + hex_key('a').substr(2) + "\n")},
        // Numbers.
        {"port out of range", set_text("listen_port=65536\n")},
        {"negative port", set_text("listen_port=-1\n")},
        {"port with a plus", set_text("listen_port=+1\n")},
        {"port with a space", set_text("listen_port= 1\n")},
        {"port with a tail", set_text("listen_port=1x\n")},
        {"port in hex", set_text("listen_port=0x10\n")},
        {"empty port", set_text("listen_port=\n")},
        {"mark out of range", set_text("fwmark=4294967296\n")},
        {"mark in words", set_text("fwmark=off\n")},
        {"keepalive out of range", set_text(peer + "persistent_keepalive_interval=65536\n")},
        {"keepalive in words", set_text(peer + "persistent_keepalive_interval=off\n")},
        {"protocol version 2", set_text(peer + "protocol_version=2\n")},
        // Flags.
        {"flag switched off", set_text("replace_peers=false\n")},
        {"flag as a number", set_text("replace_peers=1\n")},
        {"remove with a space", set_text(peer + "remove=true \n")},
        {"empty flag", set_text(peer + "update_only=\n")},
        {"flag in upper case", set_text(peer + "replace_allowed_ips=TRUE\n")},
        // Endpoints.
        {"endpoint without a port", set_text(peer + "endpoint=1.2.3.4\n")},
        {"endpoint with port 0", set_text(peer + "endpoint=1.2.3.4:0\n")},
        {"endpoint with a port out of range", set_text(peer + "endpoint=1.2.3.4:65536\n")},
        {"endpoint by name", set_text(peer + "endpoint=example.org:51820\n")},
        {"endpoint with three numbers", set_text(peer + "endpoint=1.2.3:1\n")},
        {"IPv6 endpoint without brackets", set_text(peer + "endpoint=2001:db8::1:51820\n")},
        {"IPv4 endpoint in brackets", set_text(peer + "endpoint=[1.2.3.4]:1\n")},
        {"empty brackets", set_text(peer + "endpoint=[]:1\n")},
        {"half a bracket", set_text(peer + "endpoint=[::1:1\n")},
        {"endpoint with a scope", set_text(peer + "endpoint=[fe80::1%eth0]:1\n")},
        {"endpoint with a NUL byte", set_text(peer + "endpoint=1.2.3.4" + std::string(1, '\0') + ":5\n")},
        {"endpoint with only a port", set_text(peer + "endpoint=:1\n")},
        // Allowed IPs.
        {"allowed IP without a length", set_text(peer + "allowed_ip=10.0.0.1\n")},
        {"allowed IP with an empty length", set_text(peer + "allowed_ip=10.0.0.1/\n")},
        {"IPv4 length out of range", set_text(peer + "allowed_ip=10.0.0.0/33\n")},
        {"IPv6 length out of range", set_text(peer + "allowed_ip=fd00::/129\n")},
        {"length that wraps to a good one", set_text(peer + "allowed_ip=10.0.0.0/264\n")},
        {"negative length", set_text(peer + "allowed_ip=10.0.0.0/-1\n")},
        {"length as a mask", set_text(peer + "allowed_ip=10.0.0.0/255.0.0.0\n")},
        {"two lengths", set_text(peer + "allowed_ip=10.0.0.0/8/8\n")},
        {"two in one line", set_text(peer + "allowed_ip=10.0.0.0/8,11.0.0.0/8\n")},
        {"a number out of range", set_text(peer + "allowed_ip=256.0.0.0/8\n")},
        {"only a length", set_text(peer + "allowed_ip=/0\n")},
        {"two minus signs", set_text(peer + "allowed_ip=--10.0.0.0/8\n")},
        {"a plus sign", set_text(peer + "allowed_ip=+10.0.0.0/8\n")},
        {"a good line before a bad one", set_text(peer + "allowed_ip=10.0.0.0/8\nallowed_ip=x\n")},
        {"a good line after a bad one", set_text("fwmark=x\nfwmark=1\n")},
    };
    for (const auto& [what, text] : cases) {
        CAPTURE(what);
        CHECK(error_of(text) == EINVAL);
    }
}

TEST_CASE("a request larger than its limits is refused with E2BIG") {
    const std::string two_peers = peer_text("public_key=" + hex_key('b') + "\n");
    CHECK(error_of(two_peers, {.peers = 2}) == 0);
    CHECK(error_of(two_peers, {.peers = 1}) == E2BIG);

    // The limit holds for the request, not for each peer.
    const std::string two_prefixes =
        peer_text("allowed_ip=10.0.0.0/8\npublic_key=" + hex_key('b') + "\nallowed_ip=11.0.0.0/8\n");
    CHECK(error_of(two_prefixes, {.allowed_ips = 2}) == 0);
    CHECK(error_of(two_prefixes, {.allowed_ips = 1}) == E2BIG);
}

TEST_CASE("a limit is counted anew for each request") {
    WgRequestReader reader({.peers = 1, .allowed_ips = 1});
    for (int round = 0; round < 2; ++round) {
        const std::string text = peer_text("allowed_ip=10.0.0.0/8\n");
        REQUIRE(reader.consume(text) == text.size());
        CHECK(reader.take().has_value());
    }
}

TEST_CASE("a refused request is read to its end, and the next one is not affected") {
    WgRequestReader reader;
    const std::string bad = "set=1\n" + std::string(1000, 'x') + "\nprivate_key=" + hex_key('a') + "\n\n";
    const std::string good = set_text("fwmark=7\n");
    const std::string both = bad + good;

    REQUIRE(reader.consume(both) == bad.size());
    REQUIRE(reader.complete());
    CHECK(reader.take().error() == EINVAL);

    CHECK_FALSE(reader.complete());
    REQUIRE(reader.consume(std::string_view(both).substr(bad.size())) == good.size());
    const auto request = reader.take();
    REQUIRE(request.has_value());
    CHECK(std::get<WgSetRequest>(*request).fwmark == 7);
    CHECK_FALSE(std::get<WgSetRequest>(*request).private_key.has_value());
}

TEST_CASE("a request may arrive byte by byte") {
    WgRequestReader reader;
    const std::string text = peer_text("allowed_ip=10.0.0.0/8\n");
    for (const char& byte : text) {
        CHECK_FALSE(reader.complete());
        CHECK(reader.consume({&byte, 1}) == 1);
    }
    REQUIRE(reader.complete());
    const auto request = reader.take();
    REQUIRE(request.has_value());
    CHECK(std::get<WgSetRequest>(*request).peers.at(0).allowed_ips.size() == 1);
}

}  // namespace ringway::control
