#pragma once

// YAML in, a checked Configuration or every problem of the file out. Touches nothing but the files
// it reads. Any thread.

#include <cstddef>
#include <filesystem>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "config/configuration.h"
#include "config/problem.h"

namespace ringway::config {

/// Above this a file is refused unread. 100,000 peers with all their keys take about half of it.
inline constexpr std::size_t kMaxFileBytes = std::size_t{64} << 20;

struct LoadOptions {
    /// Take key files that group or others can read.
    bool insecure_key_files = false;
    /// CPUs of the machine, numbered from 0; 0 asks the machine.
    unsigned cpus = 0;
};

/// Either a configuration that holds every rule, or all problems in the order of the file.
using LoadResult = tl::expected<Configuration, std::vector<Problem>>;

/// Loads a file. Key and token files named in it are read too; relative names are relative to the
/// file's own folder. A key file's problem is located at the line that names it.
[[nodiscard]] LoadResult load_file(const std::filesystem::path& file, const LoadOptions& options = {});

/// Reads one peer by the rules of a configuration's list of peers, from YAML or JSON text that an operator
/// sent: no files are read for it. `own_key`: the tunnel's, or null.
[[nodiscard]] tl::expected<Peer, std::vector<Problem>> load_peer(std::string_view text,
                                                                 const PublicKey* own_key);

/// Loads text as if it had been read from `file`.
[[nodiscard]] LoadResult load_text(std::string_view text, const std::filesystem::path& file,
                                   const LoadOptions& options = {});

}  // namespace ringway::config
