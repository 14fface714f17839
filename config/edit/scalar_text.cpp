#include "config/edit/scalar_text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

namespace ringway::config {

namespace {

/// Words that are no text without quotes, in lower case.
constexpr std::array<std::string_view, 9> kReserved = {"true", "false", "yes", "no", "on",
                                                       "off",  "null",  "y",   "n"};

bool is_reserved(std::string_view text) {
    if (text.size() > 5) return false;
    std::string lower(text);
    for (char& c : lower)
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return std::find(kReserved.begin(), kReserved.end(), lower) != kReserved.end();
}

/// Whether other tools read it as text, too: not as a number, a time or a map.
bool is_plain_text(std::string_view text) {
    if (text.empty() || std::count(text.begin(), text.end(), ':') > 1 || text.ends_with(':')) return false;
    const auto first = static_cast<unsigned char>(text.front());
    if (std::isalpha(first) != 0) return !is_reserved(text);
    if (std::isdigit(first) == 0 && first != '+' && first != '/') return false;
    const bool is_key_or_prefix = text.find_first_of("/=") != std::string_view::npos;
    return is_key_or_prefix || std::count(text.begin(), text.end(), '.') > 1;
}

}  // namespace

Quote quote_of(std::string_view scalar) {
    if (scalar.starts_with('\'')) return Quote::single;
    return scalar.starts_with('"') || scalar.starts_with('|') || scalar.starts_with('>') ? Quote::twice
                                                                                         : Quote::none;
}

SecretText scalar_text(std::string_view text, Quote quote) {
    if (quote == Quote::none && !is_plain_text(text)) quote = Quote::twice;
    SecretText out;
    if (quote == Quote::none) {
        out = text;
        return out;
    }
    out.reserve(text.size() + 2);
    out += quote == Quote::single ? '\'' : '"';
    out += text;
    out += quote == Quote::single ? '\'' : '"';
    return out;
}

}  // namespace ringway::config
