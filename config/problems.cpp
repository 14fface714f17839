#include "config/problems.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <tuple>
#include <utility>

#include "config/document.h"

namespace ringway::config {

namespace {

constexpr std::size_t kLongestQuote = 120;
// A key has 43 digits and one sign of padding; with a quarter of them lost it is still a secret.
constexpr std::size_t kShortestKey = 32;

bool is_key_digit(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '+' || c == '/' || c == '-' || c == '_';
}

/// A path is made of the same letters, but its names are rarely all that long.
bool holds_key(std::string_view text) {
    const bool is_path = (text.starts_with('/') || text.starts_with('.')) && !text.ends_with('=');
    std::size_t run = 0;
    for (const char c : text) {
        run = is_key_digit(c) && !(is_path && c == '/') ? run + 1 : 0;
        if (run >= kShortestKey) return true;
    }
    return false;
}

}  // namespace

void Problems::add(Position at, std::string text) {
    found_.push_back({.file = {}, .line = at.line, .column = at.column, .text = std::move(text)});
}

void Problems::add(const Value& value, std::string_view text) {
    add(value.at, value.key.empty() ? std::string(text) : fmt::format("{}: {}", value.key, text));
}

std::vector<Problem> Problems::take(const std::string& file) {
    std::stable_sort(found_.begin(), found_.end(), [](const Problem& a, const Problem& b) {
        return std::tie(a.line, a.column) < std::tie(b.line, b.column);
    });
    for (Problem& problem : found_)
        problem.file = file;
    return std::exchange(found_, {});
}

std::string shown(std::string_view text) {
    if (holds_key(text)) return "(not shown, it could be a key)";
    std::string cut(text.substr(0, kLongestQuote));
    for (char& c : cut) {
        if (std::iscntrl(static_cast<unsigned char>(c)) != 0) c = '?';
    }
    return fmt::format("'{}{}'", cut, text.size() > kLongestQuote ? "..." : "");
}

std::string one_of(const std::vector<std::string_view>& words) {
    std::string out;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i > 0) out += i + 1 == words.size() ? " or " : ", ";
        out += words[i];
    }
    return out;
}

}  // namespace ringway::config
