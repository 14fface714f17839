#include <doctest/doctest.h>

#include <sstream>

#include "config/load.h"
#include "tests/support/packets.h"
#include "tools/load/peer_list.h"
#include "tools/load/peers.h"
#include "tools/load/settings.h"
#include "tools/load/test_keys.h"

namespace ringway::tests {
namespace {

/// Reads a command line and gives the status it ends with, or 0 if it is to go on.
int status_of(std::vector<std::string> words, load::Settings& settings) {
    words.insert(words.begin(), "ringway-load");
    std::vector<char*> argv;
    for (std::string& word : words)
        argv.push_back(word.data());
    return load::read_command_line(static_cast<int>(argv.size()), argv.data(), settings).value_or(0);
}

std::string config_of(const load::Settings& settings) {
    std::ostringstream out;
    load::write_config(out, settings.load, {settings.config_cipher_device, settings.config_plain_device});
    return out.str();
}

TEST_CASE("a written configuration has each peer's key and address") {
    load::Settings settings;
    REQUIRE(status_of({"--peers", "300", "--preshared-keys", "--write-config", "x"}, settings) == 0);
    const auto read = config::load_text(config_of(settings), "gateway.yaml");
    REQUIRE(read.has_value());
    REQUIRE(read->tunnels.size() == 1);
    const config::Tunnel& tunnel = read->tunnels.front();
    CHECK(tunnel.public_key.bytes == settings.load.gateway_key.bytes);
    REQUIRE(tunnel.peers.size() == 300);
    const load::Peers peers(settings.load.peers, settings.load.seed, true, settings.load.gateway_key);
    for (load::PeerNumber i = 0; i < peers.count(); ++i) {
        CHECK(tunnel.peers[i].public_key.bytes == peers[i].local.public_key.bytes);
        CHECK(tunnel.peers[i].allowed_ips.front().address.bytes == settings.load.peers.inner(i).bytes);
        CHECK(tunnel.peers[i].preshared_key.has_value());
        CHECK_FALSE(tunnel.peers[i].endpoint.has_value());
    }
    REQUIRE(read->routes.size() == 1);
    CHECK(read->routes.front().to.to_string() == "198.18.0.0/23");
}

TEST_CASE("peers that only answer are written with endpoints") {
    load::Settings settings;
    REQUIRE(status_of({"--peers", "2", "--peers-per-address", "2", "--responder", "--write-config", "x"},
                      settings) == 0);
    const auto read = config::load_text(config_of(settings), "gateway.yaml");
    REQUIRE(read.has_value());
    CHECK(read->tunnels[0].peers[1].endpoint.has_value());
}

TEST_CASE("keys follow from seed and number") {
    const auto key = [](std::uint64_t seed, std::uint32_t number) {
        const crypto::PrivateKey made = load::peer_private_key(seed, number);
        return std::vector<std::uint8_t>(made.span().begin(), made.span().end());
    };
    CHECK(key(1, 5) == key(1, 5));
    CHECK(key(1, 5) != key(1, 6));
    CHECK(key(1, 5) != key(2, 5));
}

TEST_CASE("a bad command line ends with status 2") {
    const std::vector<std::vector<std::string>> bad{
        {},
        {"--cipher-port", "x", "--size", "20"},
        {"--cipher-port", "x", "--size", "1421"},
        {"--cipher-port", "x", "--size", "many"},
        {"--cipher-port", "x", "--rate", "fast"},
        {"--cipher-port", "x", "--rate", "1M", "--outstanding", "5"},
        {"--cipher-port", "x", "--rate", "1M", "--search"},
        {"--cipher-port", "x", "--direction", "up"},
        {"--cipher-port", "x", "--direction", "handshakes", "--responder"},
        {"--cipher-port", "x", "--direction", "handshakes", "--shares", "0:1"},
        {"--cipher-port", "x", "--direction", "handshakes", "--shares", "1:"},
        {"--cipher-port", "x", "--peers", "100001"},
        {"--cipher-port", "x", "--peers", "100000", "--flows", "11"},
        {"--cipher-port", "x", "--peer-address", "::1"},
        {"--cipher-port", "x", "--peer-port", "20000"},
        {"--cipher-port", "x", "--peer-port", "65000", "--peers-per-address", "1000"},
        {"--cipher-port", "x", "--cipher-address", "192.0.2.1"},
        {"--cipher-port", "x", "--gateway-key", "AAAA"},
        {"--cipher-port", "x", "--cipher-next-hop-mac", "02:00:00:00:00"},
        {"--cipher-port", "x", "--tunnel-mtu", "1460"},
        {"--cipher-port", "x", "--no-such-option"},
    };
    for (const auto& words : bad) {
        load::Settings settings;
        std::string line;
        for (const std::string& word : words)
            line += word + " ";
        CAPTURE(line);
        CHECK(status_of(words, settings) == 2);
    }
    load::Settings settings;
    CHECK(status_of({"--cipher-port", "x", "--rate", "1.5M", "--size", "imix", "--direction", "both"},
                    settings) == 0);
    CHECK(settings.rate == 1.5e6);
    CHECK(settings.directions.size() == 2);
}

}  // namespace
}  // namespace ringway::tests
