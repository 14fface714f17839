#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

namespace ringway::config {

/// A place in a text, both counted from 1; columns are bytes.
struct Position {
    std::uint32_t line = 1;
    std::uint32_t column = 1;
    auto operator<=>(const Position&) const = default;
};

/// One thing wrong with a configuration. Never holds the value of a private or preshared key.
struct Problem {
    std::string file;
    std::uint32_t line = 1;
    std::uint32_t column = 1;
    std::string text;  ///< what is wrong, what was expected

    /// `FILE:LINE:COL: text`, without a line end.
    [[nodiscard]] std::string to_string() const;
};

/// All problems, one a line, each ended by a newline.
[[nodiscard]] std::string to_string(const std::vector<Problem>& problems);

}  // namespace ringway::config
