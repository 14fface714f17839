#pragma once

#include <cstdint>
#include <vector>

#include "config/configuration.h"
#include "config/edit/map_edit.h"
#include "config/edit/source_text.h"
#include "config/edit/text_edits.h"

namespace ringway::config {

enum class PeerEdit : std::uint8_t {
    fields,  ///< only what differs
    whole,   ///< a peer that differs anew: for styles that can't be edited by the field
};

/// Makes the peers that a text has in `tunnel`, an item of `tunnels`, those of `wanted`. `old`: what the
/// text means. `map`: the edit of the tunnel's own keys.
void edit_peers(const SourceText& source, const Value& tunnels, const Value& tunnel,
                const std::vector<Peer>& old, const std::vector<Peer>& wanted, PeerEdit how, MapEdit& map,
                TextEdits& edits);

/// Whether two peers mean the same: the order of allowed IPs means nothing, and nor does the line.
[[nodiscard]] bool same_peer(const Peer& a, const Peer& b);
[[nodiscard]] bool same_secret(const std::optional<SecretKey>& a, const std::optional<SecretKey>& b);

}  // namespace ringway::config
