#pragma once

#include <cstdint>
#include <string_view>

#include "config/secret_text.h"

namespace ringway::config {

enum class Quote : std::uint8_t { none, single, twice };

/// The quotes that a scalar of a text stands in.
[[nodiscard]] Quote quote_of(std::string_view scalar);

/// `text` as a scalar in those quotes; in double ones where it would not stay text without, for us or for
/// other YAML tools. REQUIRES: a key, name, address, prefix, endpoint or word: nothing to escape.
[[nodiscard]] SecretText scalar_text(std::string_view text, Quote quote);

}  // namespace ringway::config
