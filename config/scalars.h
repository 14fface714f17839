#pragma once

// Reads one value of a tree as a number, a boolean, a word or text. Each returns nothing when it has
// reported a problem, or when the value is broken and has been reported already.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "config/document.h"
#include "config/problems.h"

namespace ringway::config {

/// Both ends included.
struct Range {
    std::uint64_t lowest;
    std::uint64_t highest;
};

/// YAML 1.1's booleans, without quotes: true, yes, on, false, no, off; also Capitalised or in CAPITALS.
[[nodiscard]] std::optional<bool> boolean_of(const Value& value);

/// What a value is, for a message: "a list", "a boolean", "text"...
[[nodiscard]] std::string_view kind_name(const Value& value);

/// Reports that `value` is not what was expected, unless it is broken.
void report_kind(const Value& value, std::string_view expected, Problems& problems);

/// A whole number, decimal or 0x hexadecimal, without quotes, sign or leading zeros.
[[nodiscard]] std::optional<std::uint64_t> read_number(const Value& value, Range range, Problems& problems);
/// As read_number(), and a false word ("off", as wg(8) prints it) for 0.
[[nodiscard]] std::optional<std::uint64_t> read_number_or_off(const Value& value, Range range,
                                                              Problems& problems);

[[nodiscard]] std::optional<bool> read_boolean(const Value& value, Problems& problems);

/// Any text, in quotes or not. A boolean without quotes is refused: other YAML tools would not read text.
[[nodiscard]] std::optional<std::string> read_text(const Value& value, Problems& problems);
/// As read_text(), and a false word for empty text.
[[nodiscard]] std::optional<std::string> read_text_or_off(const Value& value, Problems& problems);

template <typename Enum, std::size_t Count>
using Words = std::array<std::pair<std::string_view, Enum>, Count>;

/// The index of a word in `words`. "off" among them may be written as any of YAML 1.1's false words,
/// since that is what other tools turn a plain `off` into.
[[nodiscard]] std::optional<std::size_t> read_word_index(const Value& value,
                                                         const std::vector<std::string_view>& words,
                                                         Problems& problems);

template <typename Enum, std::size_t Count>
[[nodiscard]] std::optional<Enum> read_word(const Value& value, const Words<Enum, Count>& words,
                                            Problems& problems) {
    std::vector<std::string_view> names;
    for (const auto& [name, meaning] : words)
        names.push_back(name);
    const auto index = read_word_index(value, names, problems);
    if (!index) return std::nullopt;
    return words[*index].second;
}

}  // namespace ringway::config
