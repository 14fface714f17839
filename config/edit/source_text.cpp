#include "config/edit/source_text.h"

#include <algorithm>

namespace ringway::config {

namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr std::string_view kSpace = " \t";

bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

}  // namespace

SourceText::SourceText(std::string_view text) : text_(text) {
    for (std::size_t begin = 0; begin < text.size(); begin = text.find('\n', begin) + 1)
        begins_.push_back(begin);
}

std::size_t SourceText::offset(Position at) const {
    if (at.line > begins_.size()) return text_.size();
    // The mark is no part of the first line for yaml-cpp.
    const std::size_t mark = at.line == 1 && text_.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
    return std::min(begins_[at.line - 1] + mark + at.column - 1, text_.size());
}

std::size_t SourceText::line_of(std::size_t offset) const {
    const auto after = std::upper_bound(begins_.begin(), begins_.end(), offset);
    return static_cast<std::size_t>(after - begins_.begin()) - 1;
}

std::size_t SourceText::line_end(std::size_t line) const {
    return line + 1 < begins_.size() ? begins_[line + 1] : text_.size();
}

std::string_view SourceText::line(std::size_t line) const {
    std::string_view out = text_.substr(begins_[line], line_end(line) - begins_[line]);
    out.remove_suffix(line_break(line).size());
    return out;
}

std::string_view SourceText::line_break(std::size_t line) const {
    const std::size_t end = line_end(line);
    const bool is_crlf = end >= begins_[line] + 2 && text_[end - 2] == '\r';
    return is_crlf ? "\r\n" : "\n";
}

bool SourceText::is_blank(std::size_t line) const {
    return this->line(line).find_first_not_of(kSpace) == std::string_view::npos;
}

bool SourceText::is_comment(std::size_t line) const {
    const std::string_view text = this->line(line);
    const std::size_t first = text.find_first_not_of(kSpace);
    return first != std::string_view::npos && text[first] == '#';
}

std::size_t SourceText::indent(std::size_t line) const {
    const std::string_view text = this->line(line);
    return std::min(text.find_first_not_of(' '), text.size());
}

std::size_t SourceText::column(std::size_t offset) const {
    return offset - begins_[line_of(offset)];
}

std::string_view SourceText::before(std::size_t offset) const {
    return line(line_of(offset)).substr(0, column(offset));
}

std::string_view SourceText::after(std::size_t offset) const {
    const std::string_view whole = line(line_of(offset));
    return whole.substr(std::min(column(offset), whole.size()));
}

bool SourceText::is_flow(const Value& value) const {
    const std::size_t begin = value_begin(value);
    if (value.kind == Value::Kind::list) return text_[begin] == '[';
    return value.kind == Value::Kind::map && text_[begin] == '{';
}

std::size_t SourceText::value_end(const Value& value) const {
    const std::size_t begin = value_begin(value);
    switch (value.kind) {
        case Value::Kind::plain:
            return plain_end(begin, value.text);
        case Value::Kind::quoted:
            return text_[begin] == '|' || text_[begin] == '>' ? block_scalar_end(begin) : quoted_end(begin);
        case Value::Kind::list:
        case Value::Kind::map:
            return container_end(value);
        case Value::Kind::null:
        case Value::Kind::broken:
            break;
    }
    return absent_end(value);
}

std::string_view SourceText::value_text(const Value& value) const {
    const std::size_t begin = value_begin(value);
    return text_.substr(begin, value_end(value) - begin);
}

std::optional<std::size_t> SourceText::colon(const Value& value) const {
    const std::size_t begin = key_begin(value);
    const bool is_quoted = text_[begin] == '"' || text_[begin] == '\'';
    const std::size_t end = is_quoted ? quoted_end(begin) : begin + value.key.size();
    const std::size_t colon = text_.find_first_not_of(kSpace, std::min(end, text_.size()));
    if (colon == std::string_view::npos || text_[colon] != ':') return std::nullopt;
    return colon;
}

std::optional<std::size_t> SourceText::dash(const Value& item) const {
    const std::size_t begin = value_begin(item);
    std::size_t line = line_of(begin);
    std::string_view text = before(begin);
    while (text.find_first_not_of(kSpace) == std::string_view::npos) {
        do {
            if (line-- == 0) return std::nullopt;
        } while (is_blank(line) || is_comment(line));
        text = this->line(line);
        text = text.substr(0, text.find('#'));
    }
    const std::size_t first = text.find_first_not_of(kSpace);
    const bool is_alone = text.find_first_not_of(kSpace, first + 1) == std::string_view::npos;
    if (text[first] != '-' || !is_alone) return std::nullopt;
    return begins_[line] + first;
}

std::size_t SourceText::skip_gap(std::size_t offset) const {
    while (offset < text_.size() && (is_space(text_[offset]) || text_[offset] == '#'))
        offset = text_[offset] == '#' ? line_end(line_of(offset)) : offset + 1;
    return offset;
}

std::size_t SourceText::quoted_end(std::size_t begin) const {
    const char quote = text_[begin];
    std::size_t at = begin + 1;
    while (at < text_.size()) {
        const bool is_doubled = quote == '\'' && text_.substr(at, 2) == "''";
        if (text_[at] == quote && !is_doubled) return at + 1;
        at += is_doubled || (quote == '"' && text_[at] == '\\') ? 2 : 1;
    }
    return text_.size();
}

/// A plain scalar over several lines means each gap between them as one space or some line ends.
std::size_t SourceText::plain_end(std::size_t begin, std::string_view meaning) const {
    std::size_t at = begin;
    for (std::size_t i = 0; i < meaning.size() && at < text_.size();) {
        if (!is_space(meaning[i])) {
            ++i;
            ++at;
            continue;
        }
        while (i < meaning.size() && is_space(meaning[i]))
            ++i;
        while (at < text_.size() && is_space(text_[at]))
            ++at;
    }
    return at;
}

/// Up to the last line that is indented as the first is.
std::size_t SourceText::block_scalar_end(std::size_t begin) const {
    const std::size_t header = line_of(begin);
    std::size_t last = header;
    std::size_t least = 0;
    for (std::size_t i = header + 1; i < lines(); ++i) {
        if (is_blank(i)) continue;
        if (least == 0) least = std::max<std::size_t>(indent(i), 1);
        if (indent(i) < least) break;
        last = i;
    }
    return begins_[last] + line(last).size();
}

std::size_t SourceText::container_end(const Value& value) const {
    const bool flow = is_flow(value);
    if (value.children.empty() && !flow) return value_begin(value);
    std::size_t end = value.children.empty() ? value_begin(value) + 1 : value_end(value.children.back());
    if (!flow) return end;
    end = skip_gap(end);
    if (end < text_.size() && text_[end] == ',') end = skip_gap(end + 1);
    return std::min(end + 1, text_.size());
}

std::size_t SourceText::absent_end(const Value& value) const {
    const auto at = colon(value);
    if (!at) return key_begin(value) + value.key.size();
    const std::size_t word = text_.find_first_not_of(kSpace, *at + 1);
    if (word != std::string_view::npos) {
        for (const std::string_view absent : {"~", "null", "Null", "NULL"})
            if (text_.substr(word, absent.size()) == absent) return word + absent.size();
    }
    return *at + 1;
}

}  // namespace ringway::config
