// What the loader makes of good files: every key arrives in its field, and a key left out leaves the
// default of interfaces.md.

#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "config/base64.h"
#include "config/load.h"
#include "tests/config/files.h"

namespace {

using namespace ringway::config;

using ringway::tests::kTestOptions;

const std::filesystem::path kGood = ringway::tests::config_tests() / "good";

Configuration load_good(const std::string& name) {
    auto result = load_file(kGood / name, kTestOptions);
    if (!result) FAIL(to_string(result.error()));
    return std::move(*result);
}

Configuration load_good_text(const std::string& text) {
    auto result = load_text(text, kGood / "text.yaml", kTestOptions);
    if (!result) FAIL(to_string(result.error()));
    return std::move(*result);
}

std::string texts(const std::vector<Prefix>& prefixes) {
    std::string out;
    for (const Prefix& prefix : prefixes)
        out += prefix.to_string() + " ";
    return out;
}

constexpr std::string_view kPorts = "ports: [{name: wan, device: net_memif0}]\n";

}  // namespace

TEST_CASE("the system section arrives") {
    const auto configuration = load_good("complete.yaml");
    CHECK(configuration.system.memory == 512);
    CHECK(configuration.system.hugepages == Hugepages::off);
    CHECK(configuration.system.idle == Idle::adaptive);
    CHECK(configuration.system.aead == Aead::ipsec_mb);
    CHECK(configuration.system.max_peers == 2000);
    CHECK(configuration.system.host_limits ==
          HostLimits{.arp = 100, .nd = 200, .icmp = 0, .bgp = 300, .other = 400});
    CHECK(configuration.system.log.level == LogLevel::debug);
    CHECK(configuration.system.log.target == LogTarget::file);
    CHECK(configuration.system.log.file == "/var/log/ringway.log");
}

TEST_CASE("the lcores section arrives") {
    const auto configuration = load_good("complete.yaml");
    REQUIRE(configuration.lcores);
    CHECK(configuration.lcores->control == std::vector<std::uint32_t>{0});
    CHECK(configuration.lcores->rx == std::vector<std::uint32_t>{1});
    CHECK(configuration.lcores->crypto == std::vector<std::uint32_t>{2, 3});
    CHECK(configuration.lcores->tx == std::vector<std::uint32_t>{1});
}

TEST_CASE("ports and routes arrive") {
    const auto configuration = load_good("complete.yaml");
    REQUIRE(configuration.ports.size() == 2);
    const Port& wan = configuration.ports[0];
    CHECK(wan.name == "wan");
    CHECK(wan.device == "0000:03:00.0");
    CHECK_FALSE(wan.queues);
    CHECK(wan.host.interface == "rw-wan");
    CHECK(texts(wan.host.addresses) == "198.51.100.1/24 2001:db8::1/64 ");
    CHECK(wan.line == 18);
    const Port& lan = configuration.ports[1];
    CHECK(lan.device == "net_af_packet0,iface=eth0");
    CHECK(lan.queues == 2);
    CHECK(lan.mtu == 9000);
    CHECK(lan.host.interface == "rw-lan");
    CHECK(lan.host.netns == "inside");
    REQUIRE(configuration.routes.size() == 2);
    CHECK(configuration.routes[0].to.to_string() == "0.0.0.0/0");
    CHECK(configuration.routes[0].via.to_string() == "198.51.100.254");
    CHECK(configuration.routes[1].to.to_string() == "2001:db8:1::/48");
    CHECK(configuration.routes[1].line == 31);
}

TEST_CASE("tunnels arrive") {
    const auto configuration = load_good("complete.yaml");
    REQUIRE(configuration.tunnels.size() == 2);
    const Tunnel& wg0 = configuration.tunnels[0];
    CHECK(wg0.name == "wg0");
    CHECK(base64_encode(wg0.private_key.bytes()) == "15TbA7dBLhe+6dHkAV2vxCPLUts/9+vRSIvogn1XrnY=");
    CHECK(base64_encode(wg0.public_key.bytes) == "rR+vWgVxasaCC+13PAufztbHwBilJgeres76x4mhVQo=");
    CHECK(wg0.listen_port == 51820);
    CHECK(wg0.fwmark == 0xca6c);
    CHECK(wg0.table == 51820);
    CHECK(wg0.host.interface == "wg0");
    CHECK(texts(wg0.host.addresses) == "10.9.0.1/24 fd00::1/64 ");
    CHECK(wg0.forward == Forward::host);
    CHECK_FALSE(wg0.peer_to_peer);
    CHECK(wg0.outer_netns == "outside");
    CHECK(wg0.df == DontFragment::set);
    CHECK_FALSE(wg0.route_allowed_ips);
    CHECK(base64_encode(configuration.tunnels[1].private_key.bytes()) ==
          "zzMZI1VDYPHPNFtaR6qB1LwJSSeysmDmcE9xEKj2tlQ=");
    CHECK(configuration.tunnels[1].peers.empty());
}

TEST_CASE("peers arrive, their allowed IPs masked as wg(8) does") {
    const auto configuration = load_good("complete.yaml");
    REQUIRE(configuration.tunnels[0].peers.size() == 2);
    const Peer& alice = configuration.tunnels[0].peers[0];
    CHECK(alice.name == "alice");
    CHECK(base64_encode(alice.public_key.bytes) == "Losog8J7ORNZ19DBXQCBWmaTKQo43Y66NBzAfdqo7U0=");
    REQUIRE(alice.preshared_key);
    CHECK(base64_encode(alice.preshared_key->bytes()) == "YuwOUX1Rbwpc5jYg7zRsbXZlQHJxflhivIhMJZV1BwI=");
    REQUIRE(alice.endpoint);
    CHECK(alice.endpoint->to_string() == "203.0.113.7:51820");
    CHECK(texts(alice.allowed_ips) == "10.9.0.2/32 fd00::2/128 192.168.7.0/24 ");
    CHECK(alice.persistent_keepalive == 25);
    CHECK(alice.line == 47);
    const Peer& nameless = configuration.tunnels[0].peers[1];
    CHECK(nameless.name.empty());
    CHECK(base64_encode(nameless.preshared_key->bytes()) == "DIGBAx+enjsw0e3qWAmX8zenOKMZZGrquQSm/NDqC9I=");
    CHECK(nameless.endpoint->to_string() == "[2001:db8::7]:4500");
    CHECK(nameless.allowed_ips.empty());
    CHECK(nameless.persistent_keepalive == 0);
}

TEST_CASE("rest, console and wg_socket arrive, file names relative to the file") {
    const auto configuration = load_good("complete.yaml");
    CHECK(configuration.rest.listen->to_string() == "0.0.0.0:8443");
    CHECK(configuration.rest.token_file == kGood / "keys/token");
    CHECK(configuration.rest.tls.certificate == kGood / "keys/tls.pem");
    CHECK(configuration.rest.tls.key == kGood / "keys/tls.key");
    CHECK(configuration.rest.tls.client_ca == kGood / "keys/tls.pem");
    CHECK_FALSE(configuration.console.stdio);
    CHECK(configuration.console.socket == "/run/ringway/test.sock");
    CHECK_FALSE(configuration.wg_socket);
}

TEST_CASE("what is left out has the defaults of interfaces.md") {
    const auto configuration = load_good("minimal.yaml");
    CHECK(configuration.system.memory == 1024);
    CHECK(configuration.system.hugepages == Hugepages::automatic);
    CHECK(configuration.system.idle == Idle::spin);
    CHECK(configuration.system.aead == Aead::automatic);
    CHECK(configuration.system.max_peers == 10000);
    CHECK(configuration.system.host_limits ==
          HostLimits{.arp = 100, .nd = 100, .icmp = 1000, .bgp = 10000, .other = 0});
    CHECK(configuration.system.log.level == LogLevel::info);
    CHECK(configuration.system.log.target == LogTarget::standard_error);
    CHECK_FALSE(configuration.lcores);
    CHECK(configuration.ports[0].mtu == 1500);
    CHECK(configuration.ports[0].host.interface == "rw-wan");
    CHECK(configuration.tunnels.empty());
    CHECK(configuration.rest.listen->to_string() == "127.0.0.1:8080");
    CHECK(configuration.rest.token_file.empty());
    CHECK(configuration.console.stdio);
    CHECK(configuration.console.socket == "/run/ringway/console.sock");
    CHECK(configuration.wg_socket);
}

TEST_CASE("a tunnel with only its essentials has the defaults of interfaces.md") {
    const auto configuration =
        load_good_text(std::string(kPorts) +
                       "tunnels: [{name: wg0, private_key: zzMZI1VDYPHPNFtaR6qB1LwJSSeysmDmcE9xEKj2tlQ=, "
                       "listen_port: 1}]\n");
    const Tunnel& tunnel = configuration.tunnels.at(0);
    CHECK(tunnel.mtu == 1420);
    CHECK(tunnel.fwmark == 0);
    CHECK(tunnel.table == 0);
    CHECK(tunnel.forward == Forward::fast);
    CHECK(tunnel.peer_to_peer);
    CHECK(tunnel.outer_netns.empty());
    CHECK(tunnel.df == DontFragment::clear);
    CHECK(tunnel.route_allowed_ips);
}

TEST_CASE("off, no and false all mean off, quoted or from a tool that made a boolean of it") {
    for (const std::string word : {"off", "Off", "OFF", "no", "false", "False", "\"off\""}) {
        CAPTURE(word);
        const auto configuration =
            load_good_text("system: {hugepages: " + word + "}\n" + std::string(kPorts));
        CHECK(configuration.system.hugepages == Hugepages::off);
    }
}

TEST_CASE("every spelling of a YAML 1.1 boolean is taken") {
    for (const std::string word : {"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"}) {
        CAPTURE(word);
        CHECK(load_good_text(std::string(kPorts) + "wg_socket: " + word + "\n").wg_socket);
    }
    for (const std::string word : {"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"}) {
        CAPTURE(word);
        CHECK_FALSE(load_good_text(std::string(kPorts) + "wg_socket: " + word + "\n").wg_socket);
    }
}

TEST_CASE("sections and lists with nothing in them are as good as absent") {
    const auto configuration =
        load_good_text(std::string(kPorts) + "system:\nroutes:\ntunnels:\nrest:\nconsole:\n");
    CHECK(configuration.system.memory == 1024);
    CHECK(configuration.tunnels.empty());
}

TEST_CASE("lcores may be auto") {
    CHECK_FALSE(load_good_text(std::string(kPorts) + "lcores: auto\n").lcores);
}

TEST_CASE("control may share a polling CPU when every CPU polls") {
    const auto configuration =
        load_good_text(std::string(kPorts) + "lcores: {control: [0], rx: [0], crypto: [1, 2, 3], tx: [0]}\n");
    CHECK(configuration.lcores->control == std::vector<std::uint32_t>{0});
}

TEST_CASE("REST and the console's socket can be switched off") {
    const auto configuration =
        load_good_text(std::string(kPorts) + "rest: {listen: off}\nconsole: {socket: \"\"}\n");
    CHECK_FALSE(configuration.rest.listen);
    CHECK(configuration.console.socket.empty());
}

TEST_CASE("a byte order mark and CRLF line ends are taken") {
    CHECK(load_good_text("\xef\xbb\xbf" + std::string(kPorts)).ports.size() == 1);
    CHECK(load_good_text("ports:\r\n  - name: wan\r\n    device: net_memif0\r\n").ports.size() == 1);
}

TEST_CASE("the same listen port serves two tunnels whose outer sides are in different namespaces") {
    const auto configuration = load_good("complete.yaml");
    CHECK(configuration.tunnels[0].listen_port == configuration.tunnels[1].listen_port);
}
