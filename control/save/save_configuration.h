#pragma once

#include <filesystem>
#include <string>

#include <tl/expected.hpp>

#include "config/load.h"
#include "config/text_digest.h"
#include "config/write_back.h"

namespace ringway::control {

struct SaveOutcome {
    config::LineCounts lines;    ///< none: the file meant what runs and was not written
    bool holds_secrets = false;  ///< a private or preshared key stands in the file itself
    bool made_private =
        false;  ///< one came into the file, which others could read: its mode is its owner's now
    config::TextDigest digest;  ///< of the file now, to be compared with at the next save
};

/// Writes what runs into the configuration file, as config::write_back() does. Whatever happens, the file
/// holds all of the old text or all of the new, which is on the disk when this returns. Owner, mode and
/// symbolic links stay; but a file that gets a key it did not have is closed to group and others.
///
/// `loaded`: the digest of the text that the gateway loaded last (Configuration::digest). If the file has
/// changed since then, it is an error, since what somebody wrote there and nobody loaded would be undone.
/// Null takes the file as it is: what runs wins over what it says.
///
/// The error is one line or, with the problems of a file that does not load, several. May wait for the
/// disk; any thread, but one at a time.
[[nodiscard]] tl::expected<SaveOutcome, std::string> save_configuration(const std::filesystem::path& path,
                                                                        const config::Running& running,
                                                                        const config::LoadOptions& options,
                                                                        const config::TextDigest* loaded);

}  // namespace ringway::control
