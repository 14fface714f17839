#include "config/text_check.h"

#include <fmt/format.h>

#include <cstdint>
#include <optional>

#include "config/load.h"
#include "config/utf8.h"

namespace ringway::config {

namespace {

std::uint8_t byte_at(std::string_view text, std::size_t i) {
    return static_cast<std::uint8_t>(text[i]);
}

/// What is wrong with the characters of a line, if anything, and at which byte.
struct BadCharacter {
    std::size_t index;
    std::string text;
};

std::optional<BadCharacter> find_bad_character(std::string_view line) {
    for (std::size_t i = 0; i < line.size();) {
        const std::size_t length = utf8_length(line.substr(i));
        const std::uint8_t byte = byte_at(line, i);
        if (length == 0)
            return BadCharacter{i, fmt::format("byte 0x{:02x} is not UTF-8, expected a UTF-8 text", byte)};
        if ((byte < 0x20 && byte != '\t') || byte == 0x7f) {
            return BadCharacter{i, fmt::format("control character 0x{:02x}, expected text", byte)};
        }
        i += length;
    }
    return std::nullopt;
}

/// Where a tab stands in the white space that begins a line with something in it.
std::optional<std::size_t> find_indenting_tab(std::string_view line) {
    const std::size_t content = line.find_first_not_of(" \t");
    if (content == std::string_view::npos || line[content] == '#') return std::nullopt;
    const std::size_t tab = line.substr(0, content).find('\t');
    if (tab == std::string_view::npos) return std::nullopt;
    return tab;
}

}  // namespace

bool check_text(std::string_view text, Problems& problems) {
    if (text.size() > kMaxFileBytes) {
        problems.add({}, fmt::format("the file is too large, expected at most {} MiB", kMaxFileBytes >> 20));
        return false;
    }
    bool good = true;
    for (std::uint32_t number = 1; !text.empty(); ++number) {
        const std::size_t end = text.find('\n');
        std::string_view line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (const auto bad = find_bad_character(line)) {
            problems.add({number, static_cast<std::uint32_t>(bad->index + 1)}, bad->text);
            return false;
        }
        if (const auto tab = find_indenting_tab(line)) {
            problems.add({number, static_cast<std::uint32_t>(*tab + 1)},
                         "a tab indents this line, expected spaces");
            good = false;
        }
    }
    return good;
}

}  // namespace ringway::config
