#pragma once

// What the tests of config/ share: where their files are, and how to read one.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "config/load.h"

namespace ringway::tests {

/// tests/config in the source tree.
[[nodiscard]] std::filesystem::path config_tests();

/// A machine of four CPUs; version control keeps no mode, so the key files are open to all.
inline constexpr config::LoadOptions kTestOptions = {.insecure_key_files = true, .cpus = 4};

inline std::string read_whole(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

/// The YAML files of a folder, in a fixed order.
inline std::vector<std::filesystem::path> yaml_files(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (entry.path().extension() == ".yaml") files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    return files;
}

}  // namespace ringway::tests
