// What save keeps and what it changes of a whole text; peers have files of their own beside this one.

#include <doctest/doctest.h>

#include "tests/config/write_back_cases.h"

namespace {

using namespace ringway::config;
using namespace ringway::tests;

constexpr std::string_view kPorts = "ports: [{name: wan, device: net_memif0}]\n";

}  // namespace

TEST_CASE("a tunnel's own values change in place or come below its last") {
    check_cases(
        "",
        {
            {"all in place",
             R"(ports: [{name: wan, device: net_memif0}]
tunnels:
- private_key: "<P>" # key
  name: wg0
  listen_port: 51820 # port
  fwmark: 0xCA6C
  forward: 'fast' # way
  peer_to_peer: No # p2p
  df: clear
)",
             [](Running& r) {
                 Tunnel& tunnel = r.tunnels.front();
                 tunnel.private_key = secret_key('Q');
                 tunnel.listen_port = 1;
                 tunnel.fwmark = 0xbeef;
                 tunnel.forward = Forward::host;
                 tunnel.peer_to_peer = true;
                 tunnel.df = DontFragment::set;
             },
             R"(ports: [{name: wan, device: net_memif0}]
tunnels:
- private_key: "<Q>" # key
  name: wg0
  listen_port: 1 # port
  fwmark: 0xbeef
  forward: 'host' # way
  peer_to_peer: Yes # p2p
  df: set
)"},
            {"not a private key that the gateway holds as X25519 takes it",
             R"(ports: [{name: wan, device: net_memif0}]
tunnels:
- private_key: "<S>" # key
  name: wg0
  listen_port: 51820
)",
             [](Running& r) {
                 std::array<std::uint8_t, kKeyBytes> clamped;
                 clamped.fill('S');
                 clamped.front() &= 0xf8;
                 r.tunnels.front().private_key = SecretKey(clamped);
                 r.tunnels.front().listen_port = 1;
             },
             R"(ports: [{name: wan, device: net_memif0}]
tunnels:
- private_key: "<S>" # key
  name: wg0
  listen_port: 1
)"},
            {"all new, and the key no more in a file",
             R"(ports: [{name: wan, device: net_memif0}]
tunnels:
- name: wg0
  private_key_file: keys/wg0.key # key
  listen_port: 51820
)",
             [](Running& r) {
                 Tunnel& tunnel = r.tunnels.front();
                 tunnel.private_key = secret_key('Q');
                 tunnel.fwmark = 7;
                 tunnel.forward = Forward::host;
                 tunnel.peer_to_peer = false;
                 tunnel.df = DontFragment::set;
                 add_peer(r, 'A');
             },
             R"(ports: [{name: wan, device: net_memif0}]
tunnels:
- name: wg0
  private_key: "<Q>" # key
  listen_port: 51820
  fwmark: 7
  forward: host
  peer_to_peer: false
  df: set
  peers:
  - public_key: "<A>"
)"},
            {"JSON stays JSON",
             "{\"ports\": [{\"name\": \"wan\", \"device\": \"net_memif0\"}], \"tunnels\": [{\"name\": "
             "\"wg0\", "
             "\"private_key\": \"<P>\", \"listen_port\": 1}]}\n",
             [](Running& r) {
                 r.log_level = LogLevel::debug;
                 r.tunnels.front().forward = Forward::host;
                 r.tunnels.front().peer_to_peer = false;
                 add_peer(r, 'A', "a").allowed_ips = {prefix("10.0.0.1/32")};
             },
             "{\"ports\": [{\"name\": \"wan\", \"device\": \"net_memif0\"}], \"tunnels\": [{\"name\": "
             "\"wg0\", "
             "\"private_key\": \"<P>\", \"listen_port\": 1, \"forward\": \"host\", \"peer_to_peer\": false, "
             "\"peers\": [{\"name\": \"a\", \"public_key\": \"<A>\", \"allowed_ips\": [\"10.0.0.1/32\"]}]}], "
             "\"system\": {\"log\": {\"level\": \"debug\"}}}\n"},
        });
}

TEST_CASE("the log's level is found or made") {
    const Change debug = [](Running& running) { running.log_level = LogLevel::debug; };
    check_cases(kPorts, {
                            {"changed", R"(system:
  log: {level: 'error', target: stderr} # log
)",
                             debug,
                             R"(system:
  log: {level: 'debug', target: stderr} # log
)"},
                            {"in braces", R"(system:
  log: {target: stderr} # log
)",
                             debug,
                             R"(system:
  log: {target: stderr, level: debug} # log
)"},
                            {"in lines", R"(system:
  log:
    target: stderr # log
  memory: 64
)",
                             debug,
                             R"(system:
  log:
    target: stderr # log
    level: debug
  memory: 64
)"},
                            {"in an empty map", "system: {log: {}} # s\n", debug,
                             "system: {log: {level: debug}} # s\n"},
                            {"in no map", R"(system:
  log: # log
  memory: 64
)",
                             debug,
                             R"(system:
  log: {level: debug} # log
  memory: 64
)"},
                            {"without a log", R"(system:
  memory: 64 # MiB
rest: {listen: off}
)",
                             debug,
                             R"(system:
  memory: 64 # MiB
  log: {level: debug}
rest: {listen: off}
)"},
                            {"without a system", R"(rest: {listen: off}
# end
)",
                             debug,
                             R"(rest: {listen: off}
system: {log: {level: debug}}
# end
)"},
                            {"in an absent system", R"(system: # s
rest: {listen: off}
)",
                             debug,
                             R"(system: {log: {level: debug}} # s
rest: {listen: off}
)"},
                        });
}

TEST_CASE("what does not differ stays byte for byte") {
    const std::string text = read_whole(config_tests() / "good" / "complete.yaml");
    const auto same = write_changed(text, [](Running&) {});
    REQUIRE(same);
    CHECK(same->text == SecretText(text));
    CHECK(same->lines.removed == 0);
    CHECK(same->lines.added == 0);
    CHECK(same->holds_secrets);
    CHECK_FALSE(same->adds_secrets);
    // The order of allowed IPs means nothing.
    CHECK(write_text(text, [](Running& running) {
              auto& ips = running.tunnels.front().peers.front().allowed_ips;
              std::reverse(ips.begin(), ips.end());
          }) == text);
}

TEST_CASE("an unchanged key stays in its file, a changed one comes into the text") {
    const std::string text = with_keys(std::string(kTunnel)) +
                             "    peers:\n"
                             "      - public_key: " +
                             key_of_letter('A') +
                             R"(
        preshared_key_file: keys/alice.psk # hers
)";
    const auto kept = write_changed(text, [](Running& running) { peer_of(running, 'A').name = "a"; });
    REQUIRE(kept);
    CHECK(kept->text.find("keys/alice.psk # hers") != std::string::npos);
    CHECK_FALSE(kept->adds_secrets);
    const auto changed =
        write_changed(text, [](Running& r) { peer_of(r, 'A').preshared_key = secret_key('S'); });
    REQUIRE(changed);
    CHECK(changed->text.find("        preshared_key: " + key_of_letter('S') + " # hers\n") !=
          std::string::npos);
    CHECK(changed->text.find("preshared_key_file") == std::string::npos);
    CHECK(changed->adds_secrets);
    CHECK(changed->holds_secrets);
    CHECK(changed->lines.removed == 1);
    CHECK(changed->lines.added == 1);
}

TEST_CASE("a peer in a style that can't be edited is written anew, its comments above kept") {
    const std::string text = with_keys(std::string(kTunnel) +
                                       R"(    peers:
      # of a
      - ? public_key
        : <A>
        ? preshared_key_file
        : keys/alice.psk
      - public_key: <B>
)");
    const auto change = [](Running& running) { peer_of(running, 'A').name = "a"; };
    CHECK(write_text(text, change) == with_keys(std::string(kTunnel) + R"(    peers:
      # of a
      - name: a
        public_key: <A>
        preshared_key_file: keys/alice.psk
      - public_key: <B>
)"));
}

TEST_CASE("a key in a block scalar or over lines is replaced whole") {
    check_cases(kTunnel, {
                             {"block scalar",
                              R"(    peers:
      - preshared_key: >-
          <S>
        public_key: <A>
)",
                              [](Running& r) { peer_of(r, 'A').preshared_key = secret_key('T'); },
                              R"(    peers:
      - preshared_key: "<T>"
        public_key: <A>
)"},
                             {"in the next line",
                              R"(    peers:
      - preshared_key:
          <S>
        public_key: <A>
)",
                              [](Running& r) { peer_of(r, 'A').preshared_key = secret_key('T'); },
                              R"(    peers:
      - preshared_key:
          <T>
        public_key: <A>
)"},
                         });
}

TEST_CASE("what no file can hold is a problem, never a text") {
    const std::string text = with_keys(std::string(kTunnel));
    const auto problem_of = [&](const Change& change) {
        const auto result = write_changed(text, change);
        REQUIRE_FALSE(result);
        return to_string(result.error());
    };
    CHECK(problem_of([](Running& r) { r.tunnels.front().peers.emplace_back(); }).find("low order") !=
          std::string::npos);
    CHECK(problem_of([](Running& r) {
              r.tunnels.front().private_key = SecretKey();
          }).find("no private key") != std::string::npos);
    CHECK(problem_of([](Running& r) { r.tunnels.front().name = "wg7"; }).find("tunnel wg7 runs") !=
          std::string::npos);
    CHECK(problem_of([](Running& r) {
              add_peer(r, 'A', "a");
              add_peer(r, 'B', "a");
          }).find("'a' is taken") != std::string::npos);
    CHECK(problem_of([](Running& r) { r.tunnels.front().listen_port = 0; }).find("can't be saved") !=
          std::string::npos);
}

TEST_CASE("a text that loads but means something else is a problem, too") {
    const std::string text = with_keys(std::string(kTunnel) + "    peers: [{public_key: <A>, name: a}]\n");
    const auto result = write_changed(text, [](Running& running) {
        // Two changes of one peer contradict each other.
        peer_of(running, 'A').name = "b";
        add_peer(running, 'A', "c");
    });
    REQUIRE_FALSE(result);
    CHECK(to_string(result.error()).find("can't be saved") != std::string::npos);
}

TEST_CASE("a text that does not load is not written") {
    const auto result = write_back("ports: []\n", "f.yaml", {}, kTestOptions);
    REQUIRE_FALSE(result);
    CHECK(result.error().front().file == "f.yaml");
}

TEST_CASE("a byte order mark stays") {
    const std::string text = with_keys("\xef\xbb\xbf" + std::string(kTunnel));
    CHECK(write_text(text, [](Running& r) { r.log_level = LogLevel::error; }) ==
          text + "system: {log: {level: error}}\n");
}
