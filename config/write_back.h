#pragma once

// What runs, back into the text that it was loaded from. What a person wrote stays as it is: comments,
// order, quotes, indentation, line ends and names of key files, of everything that does not differ.

#include <filesystem>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "config/configuration.h"
#include "config/edit/text_edits.h"
#include "config/load.h"
#include "config/problem.h"
#include "config/secret_text.h"

namespace ringway::config {

/// What can differ from the file while a gateway runs. Of each tunnel these count: name, private_key,
/// listen_port, fwmark, forward, peer_to_peer, df, peers; of each peer all. An endpoint is that which
/// was configured, not the one that a peer has roamed to.
struct Running {
    std::vector<Tunnel> tunnels;
    LogLevel log_level = LogLevel::info;
};

struct WrittenBack {
    SecretText text;
    LineCounts lines;            ///< none: the text is the old one
    bool holds_secrets = false;  ///< a private or preshared key stands in the text itself
    bool adds_secrets = false;   ///< and one of them did not stand there before
};

/// The text with what runs in it. It has been loaded again when this returns, and meant exactly what runs;
/// where that can't be had, there are problems and no text.
///
/// A peer goes with its lines, the comment lines directly above it that begin in the column of its dash,
/// and those inside it; new ones come behind the last in the style of the others. A value that differs
/// is changed in place; a field that can't be empty goes with its line, and a new one comes below
/// the last. A changed key that stood in a file of its own comes into the text: preshared_key instead of
/// preshared_key_file. What needs a restart stays as the text has it, and so do tunnels that do not run.
///
/// `file` is where the text is from, for relative names. Reads key files. Any thread.
[[nodiscard]] tl::expected<WrittenBack, std::vector<Problem>> write_back(std::string_view text,
                                                                         const std::filesystem::path& file,
                                                                         const Running& running,
                                                                         const LoadOptions& options = {});

}  // namespace ringway::config
