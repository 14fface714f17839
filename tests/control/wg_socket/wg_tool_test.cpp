// The server against the real wg(8), which looks for sockets in /var/run/wireguard only. Needs root
// and wireguard-tools; exits with 77 (skipped) where one is missing.

#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "control/wg_socket/server.h"
#include "tests/control/wg_socket/fake_gateway.h"
#include "tests/control/wg_socket/sample.h"
#include "tests/support/temporary_directory.h"

namespace ringway::control {
namespace {

constexpr int kSkipped = 77;

/// The keys of these tests in base64: 32 bytes of 0x11, 0x22 and 0x33.
constexpr const char* kPrivateKey = "ERERERERERERERERERERERERERERERERERERERERERE=";
constexpr const char* kAlice = "IiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiI=";
constexpr const char* kBob = "MzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzM=";

struct Outcome {
    int status = -1;
    std::string output;  ///< of both kinds
};

/// A fake tunnel under a name no other process uses, and wg(8) run against it.
struct Fixture {
    Fixture() {
        auto opened = WgSocketServer::open("/var/run/wireguard/" + name + ".sock", name, gateway);
        REQUIRE_MESSAGE(opened.has_value(), (opened ? "" : opened.error()));
        server = std::move(*opened);
    }

    /// Runs `wg` with these arguments, serving it meanwhile.
    Outcome wg(std::vector<std::string> arguments) {
        std::array<int, 2> ends{};
        REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
        const FileDescriptor read_end(ends[0]);
        FileDescriptor write_end(ends[1]);

        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, write_end.get(), STDOUT_FILENO);
        posix_spawn_file_actions_adddup2(&actions, write_end.get(), STDERR_FILENO);
        arguments.insert(arguments.begin(), "wg");
        std::vector<char*> argv;
        for (std::string& argument : arguments)
            argv.push_back(argument.data());
        argv.push_back(nullptr);
        pid_t child = -1;
        const int error = posix_spawnp(&child, "wg", &actions, nullptr, argv.data(), environ);
        posix_spawn_file_actions_destroy(&actions);
        REQUIRE(error == 0);
        write_end.reset();

        Outcome outcome{.output = serve_until_closed(read_end.get())};
        int status = 0;
        REQUIRE(::waitpid(child, &status, 0) == child);
        outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        return outcome;
    }

    std::string serve_until_closed(int output) {
        std::string text;
        std::array<char, 65536> buffer{};
        for (;;) {
            std::array<pollfd, 2> polls = {pollfd{.fd = server->fd(), .events = POLLIN, .revents = 0},
                                           pollfd{.fd = output, .events = POLLIN, .revents = 0}};
            REQUIRE(::poll(polls.data(), polls.size(), -1) > 0);
            if (polls[0].revents != 0) server->process(0);
            if (polls[1].revents == 0) continue;
            const ssize_t got = ::read(output, buffer.data(), buffer.size());
            if (got <= 0) return text;
            text.append(buffer.data(), static_cast<std::size_t>(got));
        }
    }

    /// A file that only root can read.
    std::string file(const std::string& leaf, const std::string& text) {
        const auto path = directory.path() / leaf;
        std::ofstream(path) << text;
        std::filesystem::permissions(path, std::filesystem::perms::owner_read);
        return path;
    }

    std::string name = "rwt" + std::to_string(::getpid());
    tests::TemporaryDirectory directory;
    test::FakeGateway gateway{name};
    std::unique_ptr<WgSocketServer> server;
};

void check_succeeds(const Outcome& outcome) {
    CAPTURE(outcome.output);
    CHECK(outcome.status == 0);
}

std::string peer_section(const char* key, const char* allowed_ips) {
    return std::string("[Peer]\nPublicKey = ") + key + "\nAllowedIPs = " + allowed_ips + "\n";
}

}  // namespace

TEST_CASE("wg show dump prints every property of the device and its peers") {
    Fixture fixture;
    fixture.gateway.device.private_key = test::key_of<crypto::PrivateKey>(0x11);
    fixture.gateway.device.listen_port = 51820;
    fixture.gateway.device.fwmark = 0x33;
    fixture.gateway.device.peers.push_back(
        WgPeer{.public_key = test::public_key_of(0x22),
               .preshared_key = test::key_of<crypto::PresharedKey>(0x33),
               .endpoint = parse_endpoint("[2001:db8::1]:12345"),
               .last_handshake_unix_nanoseconds = 1'700'000'000'000'000'007,
               .rx_bytes = 123,
               .tx_bytes = 456,
               .persistent_keepalive_seconds = 25,
               .allowed_ips = {test::prefix("10.9.0.2/32"), test::prefix("fd00::2/128")}});
    fixture.gateway.device.peers.push_back(WgPeer{.public_key = test::public_key_of(0x33)});

    const Outcome shown = fixture.wg({"show", fixture.name, "dump"});
    check_succeeds(shown);
    // The first line's second field is the public key that wg itself computes.
    CHECK(shown.output.starts_with(std::string(kPrivateKey) + "\t"));
    CHECK(shown.output.find("\t51820\t0x33\n") != std::string::npos);
    CHECK(
        shown.output.ends_with(std::string(kAlice) + "\t" + kBob +
                               "\t[2001:db8::1]:12345\t10.9.0.2/32,fd00::2/128\t1700000000\t123\t456\t25\n" +
                               kBob + "\t(none)\t(none)\t(none)\t0\t0\t0\toff\n"));
}

TEST_CASE("wg set changes the device and its peers") {
    Fixture fixture;
    check_succeeds(fixture.wg({"set", fixture.name, "listen-port", "51821", "fwmark", "0x10", "private-key",
                               fixture.file("key", kPrivateKey), "peer", kAlice, "preshared-key",
                               fixture.file("psk", kBob), "endpoint", "192.0.2.1:51820",
                               "persistent-keepalive", "25", "allowed-ips", "10.9.0.2/24,fd00::/64"}));
    const WgDevice& device = fixture.gateway.device;
    CHECK(device.listen_port == 51821);
    CHECK(device.fwmark == 0x10);
    CHECK(device.private_key.equals(test::key_of<crypto::PrivateKey>(0x11)));
    REQUIRE(device.peers.size() == 1);
    CHECK(device.peers[0].public_key == test::public_key_of(0x22));
    CHECK(device.peers[0].preshared_key.equals(test::key_of<crypto::PresharedKey>(0x33)));
    CHECK(device.peers[0].endpoint == parse_endpoint("192.0.2.1:51820"));
    CHECK(device.peers[0].persistent_keepalive_seconds == 25);
    REQUIRE(device.peers[0].allowed_ips.size() == 2);
    CHECK(device.peers[0].allowed_ips[0].to_string() == "10.9.0.0/24");
    CHECK(device.peers[0].allowed_ips[1].to_string() == "fd00::/64");

    check_succeeds(fixture.wg({"set", fixture.name, "fwmark", "off", "peer", kAlice, "remove"}));
    CHECK(device.fwmark == 0);
    CHECK(device.peers.empty());
}

TEST_CASE("wg showconf prints what wg setconf restores") {
    Fixture fixture;
    const std::string conf = std::string("[Interface]\nListenPort = 51822\nFwMark = 0x7\nPrivateKey = ") +
                             kPrivateKey + "\n\n" + peer_section(kAlice, "10.9.0.2/32, fd00::2/128") +
                             "Endpoint = 192.0.2.1:51820\nPersistentKeepalive = 25\n";
    check_succeeds(fixture.wg({"setconf", fixture.name, fixture.file("a.conf", conf)}));
    const Outcome shown = fixture.wg({"showconf", fixture.name});
    check_succeeds(shown);
    CHECK(shown.output.substr(0, shown.output.find_last_not_of('\n') + 1) + "\n" == conf);
}

TEST_CASE("wg setconf replaces what was there before") {
    Fixture fixture;
    fixture.gateway.device.fwmark = 7;
    fixture.gateway.device.peers.push_back(WgPeer{.public_key = test::public_key_of(0x22)});
    check_succeeds(
        fixture.wg({"setconf", fixture.name, fixture.file("b.conf", peer_section(kBob, "10.0.0.0/8"))}));
    REQUIRE(fixture.gateway.device.peers.size() == 1);
    CHECK(fixture.gateway.device.peers[0].public_key == test::public_key_of(0x33));
    CHECK(fixture.gateway.device.fwmark == 0);
}

TEST_CASE("wg syncconf adds, removes and moves only what differs") {
    Fixture fixture;
    fixture.gateway.device.peers.push_back(
        WgPeer{.public_key = test::public_key_of(0x22), .allowed_ips = {test::prefix("10.0.0.0/8")}});
    fixture.gateway.device.peers.push_back(WgPeer{.public_key = test::public_key_of(0x44)});
    const std::string conf = peer_section(kAlice, "11.0.0.0/8") + peer_section(kBob, "10.0.0.0/8");
    check_succeeds(fixture.wg({"syncconf", fixture.name, fixture.file("c.conf", conf)}));
    const auto& peers = fixture.gateway.device.peers;
    REQUIRE(peers.size() == 2);
    CHECK(peers[0].public_key == test::public_key_of(0x22));
    REQUIRE(peers[0].allowed_ips.size() == 1);
    CHECK(peers[0].allowed_ips[0].to_string() == "11.0.0.0/8");
    CHECK(peers[1].public_key == test::public_key_of(0x33));
}

TEST_CASE("wg reports the gateway's errors by their names") {
    Fixture fixture;
    fixture.gateway.next_error = EADDRINUSE;
    const Outcome set = fixture.wg({"set", fixture.name, "listen-port", "1"});
    CHECK(set.status != 0);
    CHECK_MESSAGE(set.output.find("Address already in use") != std::string::npos, set.output);

    fixture.gateway.next_error = ENODEV;
    const Outcome get = fixture.wg({"show", fixture.name});
    CHECK(get.status != 0);
    CHECK_MESSAGE(get.output.find("No such device") != std::string::npos, get.output);
}

TEST_CASE("wg show interfaces lists the tunnel") {
    Fixture fixture;
    const Outcome shown = fixture.wg({"show", "interfaces"});
    check_succeeds(shown);
    CHECK(shown.output.find(fixture.name) != std::string::npos);
}

TEST_CASE("wg reads twenty thousand peers") {
    Fixture fixture;
    for (std::uint32_t i = 0; i < 20'000; ++i) {
        WgPeer peer{.allowed_ips = {test::prefix("10.0.0.0/8")}};
        for (std::size_t at = 0; at < 4; ++at)
            peer.public_key.bytes[at] = static_cast<std::uint8_t>(i >> (8 * at));
        fixture.gateway.device.peers.push_back(std::move(peer));
    }
    const Outcome shown = fixture.wg({"show", fixture.name, "peers"});
    check_succeeds(shown);
    CHECK(std::ranges::count(shown.output, '\n') == 20'000);
}

}  // namespace ringway::control

int main(int argc, char** argv) {
    if (::geteuid() != 0) {
        std::puts("skipped: needs root, for /var/run/wireguard");
        return ringway::control::kSkipped;
    }
    if (std::system("command -v wg >/dev/null") != 0) {  // NOLINT(cert-env33-c,concurrency-mt-unsafe)
        std::puts("skipped: wg(8) is not installed");
        return ringway::control::kSkipped;
    }
    return doctest::Context(argc, argv).run();
}
