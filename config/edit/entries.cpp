#include "config/edit/entries.h"

#include <algorithm>
#include <optional>

#include "config/edit/flow_entries.h"

namespace ringway::config {

namespace {

/// Works on the entries of one block.
class BlockEntries {
  public:
    BlockEntries(const SourceText& source, const Value& container, const EntryChanges& changes,
                 TextEdits& edits)
        : source_(source), container_(container), changes_(changes), edits_(edits) {}

    void edit() {
        for (std::size_t i = 0; i < container_.children.size(); ++i)
            if (changes_.removed[i]) remove(i);
        const std::size_t line = last_line_of_entry(source_, container_, container_.children.size() - 1);
        for (const auto& lines : changes_.added) {
            if (changes_.blank_line_between) edits_.insert_line_after(line, "");
            for (const SecretText& text : lines)
                edits_.insert_line_after(line, text);
        }
        const bool is_emptied =
            std::find(changes_.removed.begin(), changes_.removed.end(), false) == changes_.removed.end() &&
            changes_.added.empty();
        if (is_emptied) say_empty();
    }

  private:
    void remove(std::size_t index) {
        const std::size_t begin = entry_begin(source_, container_, index);
        if (source_.before(begin).find_first_not_of(' ') != std::string_view::npos) {
            remove_behind_dash(index, begin);
            return;
        }
        std::size_t first = first_line_of_entry(source_, container_, index);
        std::size_t last = last_line_of_entry(source_, container_, index);
        if (container_.kind == Value::Kind::list) take_blank_line(index, first, last);
        edits_.erase_lines(first, last);
    }

    /// Without the entry two blank lines would meet, or one would begin the list or end the text.
    void take_blank_line(std::size_t index, std::size_t& first, std::size_t& last) const {
        const bool is_last = last + 1 == source_.lines();
        const bool blank_below = is_last || source_.is_blank(last + 1);
        if (!blank_below) return;
        const bool begins_list =
            std::find(changes_.removed.begin(), changes_.removed.begin() + static_cast<std::ptrdiff_t>(index),
                      false) == changes_.removed.begin() + static_cast<std::ptrdiff_t>(index);
        const bool is_end = index + 1 == container_.children.size();
        if (begins_list && !is_end) {
            ++last;
        } else if (first > 0 && source_.is_blank(first - 1)) {
            --first;
        }
    }

    /// The first key stands in the line of the dash, where the next one takes its place.
    void remove_behind_dash(std::size_t index, std::size_t begin) {
        const std::size_t last = last_line_of_entry(source_, container_, index);
        if (const auto next = next_key_below(index, last)) {
            edits_.erase(begin, *next);
            return;
        }
        const std::string_view before = source_.before(begin);
        const std::size_t dash_end = source_.text().find_last_not_of(' ', begin - 1) + 1;
        if (before.find('-') == std::string_view::npos) return;
        edits_.erase(dash_end, source_.line_begin(last) + source_.line(last).size());
    }

    /// The next key that stays, when nothing but keys that go stand between it and a line.
    [[nodiscard]] std::optional<std::size_t> next_key_below(std::size_t index, std::size_t line) const {
        for (std::size_t i = index + 1; i < container_.children.size(); ++i) {
            if (first_line_of_entry(source_, container_, i) != line + 1) return std::nullopt;
            const std::size_t key = entry_begin(source_, container_, i);
            if (changes_.removed[i]) {
                line = last_line_of_entry(source_, container_, i);
            } else if (source_.line_of(key) == line + 1) {
                return key;
            } else {
                return std::nullopt;
            }
        }
        return std::nullopt;
    }

    void say_empty() {
        if (const auto colon = source_.colon(container_)) edits_.insert(*colon + 1, " []");
    }

    const SourceText& source_;
    const Value& container_;
    const EntryChanges& changes_;
    TextEdits& edits_;
};

}  // namespace

void edit_entries(const SourceText& source, const Value& container, const EntryChanges& changes,
                  TextEdits& edits) {
    if (source.is_flow(container)) {
        edit_flow_entries(source, container, changes, edits);
    } else {
        BlockEntries(source, container, changes, edits).edit();
    }
}

std::size_t entry_begin(const SourceText& source, const Value& container, std::size_t index) {
    const Value& entry = container.children[index];
    if (container.kind == Value::Kind::map) return source.key_begin(entry);
    if (source.is_flow(container)) return source.value_begin(entry);
    return source.dash(entry).value_or(source.value_begin(entry));
}

std::size_t last_line_of_entry(const SourceText& source, const Value& container, std::size_t index) {
    const std::size_t column = source.column(entry_begin(source, container, index));
    std::size_t line = source.line_of(source.value_end(container.children[index]));
    while (line + 1 < source.lines() && source.is_comment(line + 1) && source.indent(line + 1) > column)
        ++line;
    return line;
}

std::size_t first_line_of_entry(const SourceText& source, const Value& container, std::size_t index) {
    const std::size_t begin = entry_begin(source, container, index);
    const std::size_t column = source.column(begin);
    std::size_t line = source.line_of(begin);
    while (line > 0 && source.is_comment(line - 1) && source.indent(line - 1) == column)
        --line;
    return line;
}

}  // namespace ringway::config
