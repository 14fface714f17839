#include "config/scalars.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <system_error>

#include <tl/expected.hpp>

#include "config/nearest.h"

namespace ringway::config {

namespace {

bool is_any_of(std::string_view word, std::initializer_list<std::string_view> words) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

enum class NumberError : std::uint8_t { not_a_number, leading_zero, out_of_range };

tl::expected<std::uint64_t, NumberError> parse_number(std::string_view text) {
    const bool negative = text.starts_with('-');
    if (negative) text.remove_prefix(1);
    const bool hexadecimal = text.starts_with("0x");
    if (hexadecimal) text.remove_prefix(2);
    std::uint64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto result = std::from_chars(text.data(), end, number, hexadecimal ? 16 : 10);
    if (text.empty() || result.ptr != end) return tl::make_unexpected(NumberError::not_a_number);
    if (result.ec != std::errc{} || negative) return tl::make_unexpected(NumberError::out_of_range);
    if (!hexadecimal && text.size() > 1 && text.front() == '0')
        return tl::make_unexpected(NumberError::leading_zero);
    return number;
}

std::string_view describe(NumberError error) {
    switch (error) {
        case NumberError::leading_zero:
            return "has a leading zero, which YAML reads as octal";
        case NumberError::out_of_range:
            return "is out of range";
        case NumberError::not_a_number:
            break;
    }
    return "is not a whole number";
}

}  // namespace

std::optional<bool> boolean_of(const Value& value) {
    if (value.kind != Value::Kind::plain) return std::nullopt;
    if (is_any_of(value.text, {"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"})) return true;
    if (is_any_of(value.text, {"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"}))
        return false;
    return std::nullopt;
}

std::string_view kind_name(const Value& value) {
    switch (value.kind) {
        case Value::Kind::null:
            return "nothing";
        case Value::Kind::plain:
            return boolean_of(value) ? "a boolean" : "text";
        case Value::Kind::quoted:
            return "text";
        case Value::Kind::list:
            return "a list";
        case Value::Kind::map:
            return "a map";
        case Value::Kind::broken:
            break;
    }
    return "a broken value";
}

void report_kind(const Value& value, std::string_view expected, Problems& problems) {
    if (value.kind == Value::Kind::broken) return;
    problems.add(value, fmt::format("found {}, expected {}", kind_name(value), expected));
}

std::optional<std::uint64_t> read_number(const Value& value, Range range, Problems& problems) {
    const std::string expected = fmt::format("a number from {} to {}", range.lowest, range.highest);
    if (value.kind != Value::Kind::plain || boolean_of(value)) {
        report_kind(value, expected, problems);
        return std::nullopt;
    }
    auto number = parse_number(value.text);
    if (number && (*number < range.lowest || *number > range.highest)) {
        number = tl::make_unexpected(NumberError::out_of_range);
    }
    if (number) return *number;
    problems.add(value,
                 fmt::format("{} {}, expected {}", shown(value.text), describe(number.error()), expected));
    return std::nullopt;
}

std::optional<std::uint64_t> read_number_or_off(const Value& value, Range range, Problems& problems) {
    if (boolean_of(value) == false) return 0;
    return read_number(value, range, problems);
}

std::optional<bool> read_boolean(const Value& value, Problems& problems) {
    const auto boolean = boolean_of(value);
    if (!boolean && value.is_scalar()) {
        problems.add(value, fmt::format("{} is not a boolean, expected true or false", shown(value.text)));
    } else if (!boolean) {
        report_kind(value, "true or false", problems);
    }
    return boolean;
}

std::optional<std::string> read_text(const Value& value, Problems& problems) {
    if (value.is_scalar() && !boolean_of(value)) return value.text;
    report_kind(value, boolean_of(value) ? "text (put it in quotes)" : "text", problems);
    return std::nullopt;
}

std::optional<std::string> read_text_or_off(const Value& value, Problems& problems) {
    if (boolean_of(value) == false) return std::string();
    return read_text(value, problems);
}

std::optional<std::size_t> read_word_index(const Value& value, const std::vector<std::string_view>& words,
                                           Problems& problems) {
    if (!value.is_scalar()) {
        report_kind(value, one_of(words), problems);
        return std::nullopt;
    }
    const std::string_view word = boolean_of(value) == false ? std::string_view("off") : value.text;
    const auto found = std::find(words.begin(), words.end(), word);
    if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
    const std::string_view near = nearest(value.text, words);
    const std::string hint = near.empty() ? "" : fmt::format(" (did you mean {}?)", near);
    problems.add(value, fmt::format("{} is unknown, expected {}{}", shown(value.text), one_of(words), hint));
    return std::nullopt;
}

}  // namespace ringway::config
