#pragma once

#include <optional>
#include <string>

#include "config/configuration.h"
#include "config/write_back.h"

namespace ringway::config {

/// Why no file can hold what runs; nothing when there is no reason known. wg(8) takes what the
/// configuration refuses: a tunnel without a key, a peer whose key no session can be made with.
[[nodiscard]] std::optional<std::string> find_unwritable(const Running& running);

/// Whether `loaded` is `old` but for what runs, and that as it runs.
[[nodiscard]] bool means_what_runs(const Configuration& loaded, const Configuration& old,
                                   const Running& running);

}  // namespace ringway::config
