#pragma once

#include <cstddef>
#include <string_view>

namespace ringway::config {

/// Bytes of the well-formed UTF-8 sequence that `text` begins with, or 0 (Unicode, table 3-7). REQUIRES: a
/// text that is not empty.
[[nodiscard]] std::size_t utf8_length(std::string_view text);
[[nodiscard]] bool is_utf8(std::string_view text);

}  // namespace ringway::config
