#pragma once

// A whole peer as YAML, in the style of its neighbours.

#include <cstddef>
#include <string_view>
#include <vector>

#include "config/configuration.h"
#include "config/document.h"
#include "config/edit/scalar_text.h"
#include "config/edit/source_text.h"
#include "config/secret_text.h"

namespace ringway::config {

/// How the peers of a list are written.
struct PeerStyle {
    bool is_flow = false;            ///< each as {KEY: VALUE, ...}
    bool in_flow_list = false;       ///< and the list in brackets
    bool is_json = false;            ///< keys and all text in double quotes
    bool is_padded = false;          ///< { KEY: VALUE }
    Quote key_quote = Quote::twice;  ///< of WireGuard's keys
    std::size_t dash_column = 0;     ///< in a block
    std::size_t key_offset = 2;      ///< from the dash to the keys
    bool lists_are_blocks = false;   ///< allowed IPs each in a line of their own
    std::size_t list_offset = 2;     ///< from the keys to the dashes of such a list
    bool blank_line_between = false;
};

/// Learns from the last peer of `tunnel` that is in its list; without one, from the last peer of another
/// tunnel, and from the list of tunnels. `tunnels`: the list that `tunnel` is in.
[[nodiscard]] PeerStyle learn_style(const SourceText& source, const Value& tunnels, const Value& tunnel);

/// One peer, as many lines as it takes, the first with its dash; between brackets one line. A preshared
/// key is named by its file if `preshared_key_file`, a scalar of the text, is not empty.
[[nodiscard]] std::vector<SecretText> peer_text(const Peer& peer, const PeerStyle& style,
                                                std::string_view preshared_key_file);

/// A prefix as a scalar.
[[nodiscard]] SecretText prefix_text(const Prefix& prefix, Quote quote);
/// Prefixes as a list in brackets.
[[nodiscard]] SecretText prefixes_text(const std::vector<Prefix>& prefixes, Quote quote);
/// A key in base64.
[[nodiscard]] SecretText key_text(std::span<const std::uint8_t, kKeyBytes> key);

}  // namespace ringway::config
