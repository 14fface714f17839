#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>

#include "config/address.h"
#include "config/load.h"
#include "config/problems.h"
#include "config/unique.h"

namespace ringway::config {

/// What the readers of all sections share while one text is loaded.
struct Context {
    const LoadOptions& options;
    std::filesystem::path folder;  ///< relative file names begin here
    unsigned cpus;                 ///< of the machine
    Problems problems;
    bool files_of_others = false;  ///< a file that was read belongs to another user

    // Claimed by ports and tunnels alike; each with the network namespace it holds in.
    Unique<std::pair<std::string, std::string>> interfaces;
    Unique<std::pair<std::string, Address>> host_addresses;
    Unique<std::pair<std::string, std::uint16_t>> listen_ports;

    /// The file that a name in the configuration means.
    [[nodiscard]] std::filesystem::path resolve(const std::filesystem::path& name) const {
        return name.empty() ? name : folder / name;
    }
};

}  // namespace ringway::config
