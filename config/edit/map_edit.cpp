#include "config/edit/map_edit.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace ringway::config {

namespace {

/// Each false word beside its true one.
constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kBooleans = {{{"false", "true"},
                                                                                     {"False", "True"},
                                                                                     {"FALSE", "TRUE"},
                                                                                     {"no", "yes"},
                                                                                     {"No", "Yes"},
                                                                                     {"NO", "YES"},
                                                                                     {"off", "on"},
                                                                                     {"Off", "On"},
                                                                                     {"OFF", "ON"}}};

}  // namespace

MapEdit::MapEdit(const SourceText& source, const Value& map, TextEdits& edits)
    : source_(source), map_(map), edits_(edits) {
    changes_.removed.resize(map.children.size());
}

const Value* MapEdit::find(std::string_view key) const {
    const auto found = std::find_if(map_.children.begin(), map_.children.end(),
                                    [key](const Value& child) { return child.key == key; });
    return found == map_.children.end() ? nullptr : &*found;
}

void MapEdit::set_text(std::string_view key, std::string_view text, Quote quote) {
    if (is_json()) quote = Quote::twice;
    if (const Value* const value = find(key); value != nullptr && value->is_scalar())
        quote = quote_of(source_.value_text(*value));
    set_raw(key, scalar_text(text, quote));
}

void MapEdit::set_number(std::string_view key, std::uint64_t number) {
    const Value* const value = find(key);
    const bool was_hexadecimal = value != nullptr && value->text.starts_with("0x");
    set_raw(key, was_hexadecimal ? fmt::format("{:#x}", number) : fmt::format("{}", number));
}

void MapEdit::set_boolean(std::string_view key, bool value) {
    std::string_view word = value ? "true" : "false";
    if (const Value* const old = find(key)) {
        for (const auto& [no, yes] : kBooleans)
            if (old->text == no || old->text == yes) word = value ? yes : no;
    }
    set_raw(key, word);
}

void MapEdit::set_raw(std::string_view key, std::string_view value) {
    if (const Value* const old = find(key)) {
        replace_value(*old, value);
        return;
    }
    SecretText line;
    if (!is_flow()) line.assign(column(), ' ');
    line += key_text(key);
    line += ": ";
    line += value;
    changes_.added.emplace_back().push_back(std::move(line));
}

void MapEdit::replace_key(std::string_view old_key, std::string_view key, std::string_view text,
                          Quote quote) {
    const Value* const old = find(old_key);
    const auto colon = source_.colon(*old);
    if (!colon) return;
    edits_.replace(source_.key_begin(*old), *colon, key_text(key));
    edits_.replace(source_.value_begin(*old), source_.value_end(*old),
                   scalar_text(text, is_json() ? Quote::twice : quote));
}

void MapEdit::remove(std::string_view key) {
    for (std::size_t i = 0; i < map_.children.size(); ++i)
        if (map_.children[i].key == key) changes_.removed[i] = true;
}

void MapEdit::add_lines(std::string_view key, std::vector<SecretText> lines) {
    SecretText first(column(), ' ');
    first += key_text(key);
    first += ':';
    lines.insert(lines.begin(), std::move(first));
    changes_.added.push_back(std::move(lines));
}

void MapEdit::finish() {
    const bool removes =
        std::find(changes_.removed.begin(), changes_.removed.end(), true) != changes_.removed.end();
    if (removes || !changes_.added.empty()) edit_entries(source_, map_, changes_, edits_);
}

bool MapEdit::is_json() const {
    return source_.text()[source_.key_begin(map_.children.front())] == '"';
}

std::size_t MapEdit::column() const {
    const std::size_t column = map_.children.front().key_at.column - 1;
    // A key may be told by a question mark and a space.
    const std::string_view before = source_.before(source_.key_begin(map_.children.front()));
    const std::size_t last = before.find_last_not_of(' ');
    const bool is_told = last != std::string_view::npos && before[last] == '?';
    return is_told ? column - (before.size() - last) : column;
}

SecretText MapEdit::key_text(std::string_view key) const {
    return is_json() ? scalar_text(key, Quote::twice) : SecretText(key);
}

/// An absent value goes in behind the colon; ~ and null go with the space before them.
void MapEdit::replace_value(const Value& value, std::string_view text) {
    if (value.kind != Value::Kind::null) {
        edits_.replace(source_.value_begin(value), source_.value_end(value), text);
        return;
    }
    const auto colon = source_.colon(value);
    if (!colon) return;
    SecretText spaced(" ");
    spaced += text;
    edits_.replace(*colon + 1, source_.value_end(value), spaced);
}

bool is_editable(const SourceText& source, const Value& map) {
    if (map.kind != Value::Kind::map || map.children.empty()) return false;
    const bool is_flow = source.is_flow(map);
    for (std::size_t i = 0; i < map.children.size(); ++i) {
        const Value& entry = map.children[i];
        if (!source.colon(entry)) return false;
        if (is_flow) continue;
        std::string_view before = source.before(source.key_begin(entry));
        if (before.ends_with(' ') && i == 0 && before.find_first_not_of(' ') != std::string_view::npos) {
            before.remove_suffix(before.size() - before.find_last_not_of(' ') - 1);
            if (!before.ends_with('-')) return false;
            before.remove_suffix(1);
        }
        if (before.find_first_not_of(' ') != std::string_view::npos) return false;
    }
    return true;
}

}  // namespace ringway::config
