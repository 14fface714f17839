// What must hold of save whatever the style of the text and whatever changed.

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "tests/config/random_text.h"
#include "tests/config/write_back_cases.h"

namespace {

using namespace ringway::config;
using namespace ringway::tests;

constexpr std::uint32_t kTexts = 1000;
constexpr std::uint32_t kChangesOfAStyle = 100;

const std::filesystem::path kFile = config_tests() / "good" / "text.yaml";

std::string shown(const Peer& peer) {
    std::vector<std::string> ips;
    for (const Prefix& allowed : peer.allowed_ips)
        ips.push_back(allowed.to_string());
    std::sort(ips.begin(), ips.end());
    return fmt::format("{} {} psk {} endpoint {} ips {} keepalive {}\n", base64_encode(peer.public_key.bytes),
                       peer.name, peer.preshared_key ? base64_encode(peer.preshared_key->bytes()) : "",
                       peer.endpoint ? peer.endpoint->to_string() : "", fmt::join(ips, ","),
                       peer.persistent_keepalive);
}

/// All that can change while it runs, as text; peers in the order of their keys.
std::string shown(const std::vector<Tunnel>& tunnels, LogLevel level) {
    std::string out = fmt::format("log {}\n", static_cast<int>(level));
    for (const Tunnel& tunnel : tunnels) {
        out +=
            fmt::format("{} key {} port {} mark {} forward {} p2p {} df {}\n", tunnel.name,
                        base64_encode(tunnel.private_key.bytes()), tunnel.listen_port, tunnel.fwmark,
                        static_cast<int>(tunnel.forward), tunnel.peer_to_peer, static_cast<int>(tunnel.df));
        std::set<std::string> peers;
        for (const Peer& peer : tunnel.peers)
            peers.insert(shown(peer));
        for (const std::string& peer : peers)
            out += peer;
    }
    return out;
}

std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        lines.emplace_back(text.substr(0, end));
        if (lines.back().ends_with('\r')) lines.back().pop_back();
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return lines;
}

/// The letters of the peers that run as the text has them, and "-" for what belongs to none.
std::set<std::string> untouched(const std::vector<Tunnel>& old, const std::vector<Tunnel>& now) {
    std::set<std::string> before;
    for (const Tunnel& tunnel : old)
        for (const Peer& peer : tunnel.peers)
            before.insert(shown(peer));
    std::set<std::string> letters = {"-"};
    for (const Tunnel& tunnel : now)
        for (const Peer& peer : tunnel.peers)
            if (before.contains(shown(peer))) letters.emplace(1, static_cast<char>(peer.public_key.bytes[0]));
    return letters;
}

/// The peer or the "-" that a line is tagged with; empty without.
std::string tag_of(const std::string& line) {
    const std::size_t tag = line.rfind("# tag ");
    return tag == std::string::npos ? "" : line.substr(tag + 6, 1);
}

bool is_comment(const std::string& line) {
    return line.find_first_not_of(' ') == line.find('#');
}

/// The first line that had to stay and did not, or stands in another order.
std::string find_lost(const std::vector<std::string>& old, const std::vector<std::string>& now,
                      const std::set<std::string>& untouched) {
    auto at = now.begin();
    for (const std::string& line : old) {
        const std::string tag = tag_of(line);
        // Lines of no peer are values of the tunnel, which may have changed; comments may not.
        const bool stays = tag == "-" ? is_comment(line) : untouched.contains(tag);
        if (!stays) continue;
        at = std::find(at, now.end(), line);
        if (at == now.end()) return line;
        ++at;
    }
    return {};
}

}  // namespace

TEST_CASE("any text takes any change, and keeps what it does not touch") {
    for (std::uint32_t seed = 1; seed <= kTexts; ++seed) {
        Chance chance(seed);
        const std::string text = random_text(chance);
        CAPTURE(seed);
        CAPTURE(text);
        const auto old = load_text(text, kFile, kTestOptions);
        if (!old) FAIL(to_string(old.error()));
        auto again = load_text(text, kFile, kTestOptions);
        Running running = running_of(std::move(*again));
        change_at_random(running, chance);
        const std::string wanted = shown(running.tunnels, running.log_level);

        const auto made = write_back(text, kFile, running, kTestOptions);
        if (!made) FAIL(to_string(made.error()), wanted);
        CAPTURE(std::string(made->text));
        const auto loaded = load_text(made->text, kFile, kTestOptions);
        REQUIRE(loaded);
        REQUIRE(shown(loaded->tunnels, loaded->system.log.level) == wanted);

        const auto before = lines_of(text);
        const auto after = lines_of(made->text);
        REQUIRE(find_lost(before, after, untouched(old->tunnels, running.tunnels)) == "");
        REQUIRE(before.size() - made->lines.removed + made->lines.added == after.size());
        REQUIRE((made->text.find('\r') == std::string::npos || text.find('\r') != std::string::npos));
        REQUIRE(made->text.ends_with('\n') == text.ends_with('\n'));

        const auto second = write_back(made->text, kFile, running, kTestOptions);
        REQUIRE(second);
        REQUIRE(second->text == made->text);
    }
}

TEST_CASE("the styles of the corpus take any change") {
    for (const auto& file : yaml_files(config_tests() / "styles")) {
        const std::string text = read_whole(file);
        for (std::uint32_t seed = 1; seed <= kChangesOfAStyle; ++seed) {
            CAPTURE(file.string());
            CAPTURE(seed);
            Chance chance(seed);
            auto loaded = load_text(text, kFile, kTestOptions);
            if (!loaded) FAIL(to_string(loaded.error()));
            Running running = running_of(std::move(*loaded));
            change_at_random(running, chance);
            const std::string wanted = shown(running.tunnels, running.log_level);
            const auto made = write_back(text, kFile, running, kTestOptions);
            if (!made) FAIL(to_string(made.error()), wanted);
            const auto again = load_text(made->text, kFile, kTestOptions);
            REQUIRE(again);
            REQUIRE(shown(again->tunnels, again->system.log.level) == wanted);
        }
    }
}
