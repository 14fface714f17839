#pragma once

// Texts with marks for keys, and what runs, for the tests of write_back().

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/base64.h"
#include "config/load.h"
#include "config/write_back.h"
#include "tests/config/files.h"

namespace ringway::tests {

/// A key that a single letter stands for. All protect nothing.
[[nodiscard]] inline std::string key_of_letter(char letter) {
    std::array<std::uint8_t, config::kKeyBytes> bytes{};
    bytes.fill(static_cast<std::uint8_t>(letter));
    return config::base64_encode(bytes);
}

/// `text` with <A> for the key of the letter A.
[[nodiscard]] inline std::string with_keys(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size();) {
        if (text[i] == '<' && i + 2 < text.size() && text[i + 2] == '>') {
            out += key_of_letter(text[i + 1]);
            i += 3;
        } else {
            out += text[i++];
        }
    }
    return out;
}

/// `text` with CRLF line ends.
[[nodiscard]] inline std::string with_crlf(std::string_view text) {
    std::string out;
    for (const char c : text)
        out += c == '\n' ? "\r\n" : std::string(1, c);
    return out;
}

[[nodiscard]] inline config::PublicKey public_key(char letter) {
    return config::decode_public_key(key_of_letter(letter)).value();
}
[[nodiscard]] inline config::SecretKey secret_key(char letter) {
    return std::move(*config::decode_secret_key(key_of_letter(letter)));
}

/// The peer with the key of a letter in the first tunnel.
[[nodiscard]] inline config::Peer& peer_of(config::Running& running, char letter) {
    auto& peers = running.tunnels.front().peers;
    return *std::find_if(peers.begin(), peers.end(), [letter](const config::Peer& peer) {
        return peer.public_key == public_key(letter);
    });
}

inline void remove_peer(config::Running& running, char letter) {
    std::erase_if(running.tunnels.front().peers,
                  [letter](const config::Peer& peer) { return peer.public_key == public_key(letter); });
}

inline config::Peer& add_peer(config::Running& running, char letter, std::string name = {}) {
    return running.tunnels.front().peers.emplace_back(
        config::Peer{.name = std::move(name), .public_key = public_key(letter)});
}

[[nodiscard]] inline config::Prefix prefix(std::string_view text) {
    return config::parse_prefix(text).value();
}

/// Up to the peers of a tunnel.
inline constexpr std::string_view kTunnel =
    "ports: [{name: wan, device: net_memif0}]\n"
    "tunnels:\n"
    "  - name: wg0\n"
    "    private_key: <P>\n"
    "    listen_port: 51820\n";

using Change = std::function<void(config::Running&)>;

/// A text, what changes while a gateway runs with it, and the text after save.
struct Case {
    std::string_view rule;
    std::string_view before;
    Change change;
    std::string_view after;
};

/// Saves what runs after `change` into the text. The text must load.
[[nodiscard]] tl::expected<config::WrittenBack, std::vector<config::Problem>> write_changed(
    const std::string& text, const Change& change);
/// The text of that, which must work.
[[nodiscard]] std::string write_text(const std::string& text, const Change& change);

/// Checks each case behind `head`, with LF and CRLF, with and without a last line end.
void check_cases(std::string_view head, const std::vector<Case>& cases);

/// What runs right after a configuration has been loaded.
[[nodiscard]] inline config::Running running_of(config::Configuration&& configuration) {
    return {.tunnels = std::move(configuration.tunnels), .log_level = configuration.system.log.level};
}

}  // namespace ringway::tests
