#pragma once

// Reads the Wycheproof project's test vectors, which lie outside the project.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

namespace ringway::tests {

/// Where the build's tests say the vectors are: $RINGWAY_VECTORS.
inline std::filesystem::path vectors_directory() {
    const char* directory = std::getenv("RINGWAY_VECTORS");
    return directory == nullptr ? "" : directory;
}

/// Calls `check(group, test)` for every test of a file.
template <typename Check>
void for_each_vector(const std::string& file, Check check) {
    const auto path = vectors_directory() / file;
    std::ifstream in(path);
    if (!in) throw std::runtime_error("can't read " + path.string());
    const auto vectors = nlohmann::json::parse(in);
    for (const auto& group : vectors.at("testGroups")) {
        for (const auto& test : group.at("tests")) {
            check(group, test);
        }
    }
}

}  // namespace ringway::tests
