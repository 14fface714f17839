#pragma once

#include <vector>

#include "config/configuration.h"
#include "config/context.h"
#include "config/document.h"
#include "config/key_file.h"

namespace ringway::config {

/// Reads one peer by itself.
[[nodiscard]] Peer read_peer(const Value& value, Context& context, const PublicKey* own_key);

/// Reads the peers of one tunnel. `own_key` is the tunnel's public key, null when it has none to
/// compare with.
void read_peers(const Value& value, Context& context, const PublicKey* own_key, std::vector<Peer>& peers);

}  // namespace ringway::config
