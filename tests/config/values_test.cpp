// The small parts of config/: addresses, base64, keys, nearest words.

#include <doctest/doctest.h>
#include <sodium.h>

#include <array>
#include <string>
#include <vector>

#include "config/address.h"
#include "config/base64.h"
#include "config/endpoint.h"
#include "config/key.h"
#include "config/nearest.h"

namespace {

using namespace ringway::config;

PublicKey public_key(std::string_view base64) {
    const auto key = decode_public_key(base64);
    REQUIRE(key);
    return *key;
}

/// True when X25519 gives zero, as libsodium sees it.
bool maps_to_zero(const PublicKey& point) {
    std::array<std::uint8_t, 32> scalar{};
    scalar.fill(0x5a);
    std::array<std::uint8_t, 32> product{};
    return crypto_scalarmult_curve25519(product.data(), scalar.data(), point.bytes.data()) != 0;
}

}  // namespace

TEST_CASE("an address is printed as it was read, in its shortest form") {
    for (const std::string text :
         {"0.0.0.0", "192.0.2.1", "255.255.255.255", "::", "::1", "2001:db8::1", "ff02::1"}) {
        CAPTURE(text);
        const auto address = parse_address(text);
        REQUIRE(address);
        CHECK(address->to_string() == text);
    }
    CHECK(parse_address("2001:0db8:0:0::01")->to_string() == "2001:db8::1");
}

TEST_CASE("what is not exactly one address is refused") {
    for (const std::string_view text :
         {std::string_view("192.0.2.1\0x", 11), std::string_view("1.2.3"), std::string_view("1.2.3.4 "),
          std::string_view("0x1.2.3.4"), std::string_view("1.2.3.4.5"), std::string_view("1::2::3"),
          std::string_view("12345::"), std::string_view("fe80::1%eth0"), std::string_view("")}) {
        CAPTURE(text);
        CHECK_FALSE(parse_address(text));
    }
}

TEST_CASE("a prefix keeps its host bits until it is masked") {
    const struct {
        std::string text, masked;
    } cases[] = {{"10.1.2.3/8", "10.0.0.0/8"},
                 {"10.1.2.3/0", "0.0.0.0/0"},
                 {"10.1.2.3", "10.1.2.3/32"},
                 {"10.255.255.255/9", "10.128.0.0/9"},
                 {"2001:db8:ffff::1/33", "2001:db8:8000::/33"},
                 {"2001:db8::1", "2001:db8::1/128"},
                 {"ffff::/0", "::/0"},
                 {"::ff/127", "::fe/127"}};
    for (const auto& test : cases) {
        CAPTURE(test.text);
        const auto prefix = parse_prefix(test.text);
        REQUIRE(prefix);
        CHECK(prefix->address.to_string() == test.text.substr(0, test.text.find('/')));
        CHECK(prefix->masked().to_string() == test.masked);
    }
}

TEST_CASE("a socket address has a port, and brackets around IPv6 only") {
    CHECK(parse_socket_address("192.0.2.1:1")->to_string() == "192.0.2.1:1");
    CHECK(parse_socket_address("[2001:db8::1]:65535")->to_string() == "[2001:db8::1]:65535");
    for (const std::string_view text :
         {"192.0.2.1", "192.0.2.1:", "192.0.2.1:0", "192.0.2.1:65536", "192.0.2.1:080", "192.0.2.1: 80",
          "[192.0.2.1]:80", "2001:db8::1:80", "[2001:db8::1]", "[::1:80", "::1]:80", "[]:80", ":80", ":", "[",
          "[:80", "", "[fe80::1%1]:80"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_socket_address(text));
    }
}

TEST_CASE("kinds of addresses are told apart at their borders") {
    const auto at = [](std::string_view text) { return *parse_address(text); };
    CHECK(at("127.0.0.1").is_loopback());
    CHECK(at("127.255.255.255").is_loopback());
    CHECK_FALSE(at("128.0.0.1").is_loopback());
    CHECK(at("::1").is_loopback());
    CHECK_FALSE(at("::2").is_loopback());
    CHECK(at("224.0.0.0").is_multicast());
    CHECK(at("239.255.255.255").is_multicast());
    CHECK(at("255.255.255.255").is_multicast());
    CHECK_FALSE(at("223.255.255.255").is_multicast());
    CHECK_FALSE(at("240.0.0.0").is_multicast());
    CHECK(at("ff00::").is_multicast());
    CHECK_FALSE(at("fe00::").is_multicast());
    CHECK(at("169.254.0.1").is_link_local());
    CHECK(at("fe80::1").is_link_local());
    CHECK(at("febf::1").is_link_local());
    CHECK_FALSE(at("fec0::1").is_link_local());
    CHECK(at("::ffff:1.2.3.4").is_v4_mapped());
    CHECK_FALSE(at("::1:ffff:1.2.3.4").is_v4_mapped());
    CHECK(at("0.0.0.0").is_unspecified());
    CHECK(at("::").is_unspecified());
    CHECK_FALSE(at("::1").is_unspecified());
}

TEST_CASE("base64 of any length comes back as it was, in both alphabets") {
    for (std::size_t size = 0; size < 70; ++size) {
        CAPTURE(size);
        std::vector<std::uint8_t> bytes(size);
        for (std::size_t i = 0; i < size; ++i)
            bytes[i] = static_cast<std::uint8_t>(251 * i + size);
        CHECK(base64_decode(base64_encode(bytes)) == bytes);
        CHECK(base64_decode(base64_encode(bytes, Base64::url), Base64::url) == bytes);
    }
}

TEST_CASE("base64 is one text per value: stray bits, spaces and wrong padding are refused") {
    for (const std::string_view text : {"QQ", "QQ=", "QR==", "QQ===", " QQ==", "QQ==\n", "Q Q==", "QUI",
                                        "QUJ=", "====", "Q", "Q===", "_w==", "-w=="}) {
        CAPTURE(text);
        CHECK_FALSE(base64_decode(text));
    }
    for (const std::string_view text : {"QQ==", "QR", "Q", "/w", "+w"}) {
        CAPTURE(text);
        CHECK_FALSE(base64_decode(text, Base64::url));
    }
}

TEST_CASE("a key is 32 bytes, neither fewer nor more") {
    for (const std::size_t size : {0U, 31U, 33U, 64U}) {
        CAPTURE(size);
        const std::string text = base64_encode(std::vector<std::uint8_t>(size, 7));
        CHECK_FALSE(decode_public_key(text));
        CHECK_FALSE(decode_secret_key(text));
    }
    CHECK(decode_secret_key(base64_encode(std::vector<std::uint8_t>(32, 7))));
}

TEST_CASE("the public half of a private key is what wg(8) prints") {
    // The first key pair of RFC 7748, section 6.1.
    const auto alice = decode_secret_key("dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo=");
    REQUIRE(alice);
    CHECK(base64_encode(public_key_of(*alice).bytes) == "hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo=");
}

TEST_CASE("private keys that X25519 takes for one are the same, and zero is like none") {
    std::array<std::uint8_t, kKeyBytes> bytes;
    bytes.fill(0xa5);
    const SecretKey key(bytes);
    for (std::size_t bit = 0; bit < 8 * kKeyBytes; ++bit) {
        CAPTURE(bit);
        auto other_bytes = bytes;
        other_bytes[bit / 8] = static_cast<std::uint8_t>(other_bytes[bit / 8] ^ (1U << (bit % 8)));
        const SecretKey other(other_bytes);
        const bool same = public_key_of(key) == public_key_of(other);
        CHECK(same_private_key(key, other) == same);
        CHECK(same == (bit < 3 || bit >= 254));
    }
    bytes.fill(0);
    bytes.back() = 0x40;
    CHECK_FALSE(same_private_key(SecretKey(bytes), SecretKey()));
    CHECK_FALSE(same_private_key(SecretKey(), SecretKey(bytes)));
    CHECK(same_private_key(SecretKey(), SecretKey()));
}

TEST_CASE("the low-order points are those that libsodium maps to zero") {
    const std::string_view low_order[] = {
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "7P///////////////////////////////////////38=", "7f///////////////////////////////////////38=",
        "7v///////////////////////////////////////38=", "4Ot6fDtBuK4WVuP68Z/EatoJjeucMrH9hmIFFl9JuAA=",
        "X5yVvKNQjCSx0LFVnIPvWwREXMRYHI6G2CJO3dCfEVc="};
    for (const std::string_view text : low_order) {
        CAPTURE(text);
        PublicKey key = public_key(text);
        for (const std::uint8_t top_bit : {0x00, 0x80}) {
            key.bytes[31] = static_cast<std::uint8_t>((key.bytes[31] & 0x7f) | top_bit);
            CHECK(maps_to_zero(key));
            CHECK(is_low_order(key));
        }
    }
}

TEST_CASE("neighbours of the low-order points and ordinary keys are not of low order") {
    for (const std::string_view text :
         {"AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "6////////////////////////////////////////38=",
          "7////////////////////////////////////////38=", "hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo="}) {
        CAPTURE(text);
        CHECK_FALSE(maps_to_zero(public_key(text)));
        CHECK_FALSE(is_low_order(public_key(text)));
    }
}

TEST_CASE("a secret key that was moved from is zero") {
    auto first = *decode_secret_key("dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo=");
    const SecretKey copy = first.copy();
    const SecretKey second = std::move(first);
    CHECK(second.equals(copy));
    CHECK(first.is_zero());  // NOLINT(bugprone-use-after-move): that is the point
}

TEST_CASE("the nearest word is the one meant, and none when none was") {
    const std::vector<std::string_view> keys = {
        "listen_port", "private_key", "private_key_file", "peers", "persistent_keepalive", "mtu", "df"};
    const struct {
        std::string_view word, expected;
    } cases[] = {{"listen_prot", "listen_port"},
                 {"listenport", "listen_port"},
                 {"ListenPort", "listen_port"},
                 {"privat_key", "private_key"},
                 {"private_keyfile", "private_key_file"},
                 {"peer", "peers"},
                 {"keepalive", "persistent_keepalive"},
                 {"MTU", "mtu"},
                 {"mut", "mtu"},
                 {"colour", ""},
                 {"", ""},
                 {"x", ""}};
    for (const auto& test : cases) {
        CAPTURE(test.word);
        CHECK(nearest(test.word, keys) == test.expected);
    }
    CHECK(nearest(std::string(100'000, 'p'), keys).empty());
}

TEST_CASE("an endpoint is an address or a host's name, each with a port") {
    const struct {
        std::string text;
        bool named;
    } good[] = {{"192.0.2.1:51820", false}, {"[2001:db8::1]:1", false},   {"vpn.example.com:51820", true},
                {"vpn:51820", true},        {"vpn.example.com.:7", true}, {"_x-1.a:65535", true}};
    for (const auto& c : good) {
        CAPTURE(c.text);
        const auto endpoint = parse_endpoint(c.text);
        REQUIRE(endpoint);
        CHECK(endpoint->is_named() == c.named);
        CHECK(endpoint->to_string() == c.text);
    }
    for (const std::string text : {"vpn.example.com", "vpn.example.com:0", "vpn.example.com:65536", "-vpn:1",
                                   "vpn-:1", "a..b:1", ".a:1", "a b:1", "1.2.3:4", "fe80::1:5", "a/b:1",
                                   "caf\xc3\xa9.example:1", "vpn.example.com:7:8", ""}) {
        CAPTURE(text);
        CHECK_FALSE(parse_endpoint(text));
    }
    CHECK_FALSE(parse_endpoint(std::string(64, 'a') + ":1"));
    CHECK(parse_endpoint(std::string(63, 'a') + ":1"));
    std::string longest;
    while (longest.size() < 250)
        longest += "abcdefghi.";
    CHECK(parse_endpoint(longest + "abc:1"));
    CHECK_FALSE(parse_endpoint(longest + "abcd:1"));
}
