#pragma once

// What an operator says of a peer in `peer add` and `set peer`, by the rules of the configuration file.

#include <string>
#include <vector>

#include "config/configuration.h"
#include "control/console/command.h"

namespace ringway::control::console {

/// The options of both commands.
[[nodiscard]] std::vector<Parameter> peer_fields();
/// One of them is there that changes something.
[[nodiscard]] bool names_a_field(const Arguments& arguments);

/// What the line says of the peer with that key in base64. A preshared key is read from the file that the
/// line names: in the line itself it would stay in the history, in memory, and on the screen. Throws
/// std::runtime_error naming every problem.
[[nodiscard]] config::Peer read_peer(const std::string& key, const Arguments& arguments);
/// Changes of a peer what the line says, and nothing else. `said`: what read_peer() gave.
void put_fields(const Arguments& arguments, config::Peer said, config::Peer& peer);

}  // namespace ringway::control::console
