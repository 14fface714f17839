#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "config/configuration.h"
#include "config/document.h"
#include "config/load.h"
#include "config/problem.h"

namespace ringway::config {

/// A configuration beside the tree that it was read from. The items of the lists `tunnels` and `peers`
/// stand for the tunnels and peers in the same order.
struct LoadedText {
    Configuration configuration;
    Document document;
};

/// load_text(), for who wants to know where in the text things stand.
[[nodiscard]] tl::expected<LoadedText, std::vector<Problem>> load_with_tree(std::string_view text,
                                                                            const std::filesystem::path& file,
                                                                            const LoadOptions& options);

}  // namespace ringway::config
