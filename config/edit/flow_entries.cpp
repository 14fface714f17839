#include "config/edit/flow_entries.h"

#include <algorithm>
#include <optional>

namespace ringway::config {

namespace {

constexpr std::string_view kSpace = " \t";

bool is_blank_or_comment(std::string_view text) {
    const std::size_t first = text.find_first_not_of(kSpace);
    return first == std::string_view::npos || text[first] == '#';
}

bool is_blank_text(std::string_view text) {
    return text.find_first_not_of(kSpace) == std::string_view::npos;
}

class FlowEntries {
  public:
    FlowEntries(const SourceText& source, const Value& container, const EntryChanges& changes,
                TextEdits& edits)
        : source_(source), container_(container), changes_(changes), edits_(edits) {}

    void edit() {
        const auto last_kept = std::find(changes_.removed.rbegin(), changes_.removed.rend(), false);
        if (last_kept == changes_.removed.rend()) {
            replace_all();
            return;
        }
        remove_all_marked();
        const auto last = static_cast<std::size_t>(changes_.removed.rend() - last_kept) - 1;
        set_comma(last);
        if (!changes_.added.empty()) add_behind(last);
    }

  private:
    [[nodiscard]] std::size_t begin(std::size_t index) const {
        return entry_begin(source_, container_, index);
    }
    [[nodiscard]] std::size_t end(std::size_t index) const {
        return source_.value_end(container_.children[index]);
    }
    [[nodiscard]] std::optional<std::size_t> comma(std::size_t index) const {
        const std::size_t at = source_.skip_gap(end(index));
        if (at < source_.text().size() && source_.text()[at] == ',') return at;
        return std::nullopt;
    }
    /// Behind the comma of an entry, if it has one.
    [[nodiscard]] std::size_t tail(std::size_t index) const {
        const auto at = comma(index);
        return at ? *at + 1 : end(index);
    }
    [[nodiscard]] bool ends_with_comma() const { return comma(container_.children.size() - 1).has_value(); }

    /// Spaces up to what follows in the same line; none at the line's end or before a comment.
    [[nodiscard]] std::size_t behind_spaces(std::size_t at) const {
        if (is_blank_or_comment(source_.after(at))) return at;
        return source_.text().find_first_not_of(kSpace, at);
    }

    [[nodiscard]] bool has_own_lines(std::size_t index) const {
        return is_blank_text(source_.before(begin(index))) && is_blank_or_comment(source_.after(tail(index)));
    }

    void remove_all_marked() {
        for (std::size_t i = 0; i < container_.children.size(); ++i)
            if (changes_.removed[i]) remove(i);
    }

    /// No entry stays. Over several lines the comments between them do.
    void replace_all() {
        const std::size_t inside = source_.value_begin(container_) + 1;
        if (source_.value_text(container_).find('\n') == std::string_view::npos) {
            edits_.replace(inside, source_.value_end(container_) - 1, joined());
        } else {
            remove_all_marked();
            edits_.insert(inside, joined());
        }
    }

    void remove(std::size_t index) {
        if (!has_own_lines(index)) {
            edits_.erase(begin(index), comma(index) ? behind_spaces(tail(index)) : end(index));
            return;
        }
        std::size_t first = source_.line_of(begin(index));
        while (first > 0 && source_.is_comment(first - 1))
            --first;
        edits_.erase_lines(first, source_.line_of(tail(index)));
    }

    /// The last entry that stays has a comma if others come behind it, or if the last one always had.
    void set_comma(std::size_t last) {
        const bool is_needed = !changes_.added.empty() || ends_with_comma();
        const auto at = comma(last);
        if (is_needed && !at) edits_.insert(end(last), ",");
        if (is_needed || !at) return;
        const std::size_t gap = end(last);
        const bool is_beside = is_blank_text(source_.text().substr(gap, *at - gap));
        edits_.erase(is_beside ? gap : *at, behind_spaces(*at + 1));
    }

    void add_behind(std::size_t last) {
        if (!is_blank_text(source_.before(begin(last)))) {
            add_in_line(last);
        } else if (is_blank_or_comment(source_.after(tail(last)))) {
            add_lines(last);
        } else {
            add_before_bracket(last);
        }
    }

    void add_in_line(std::size_t last) {
        const std::size_t at = comma(last) ? behind_spaces(tail(last)) : tail(last);
        SecretText text;
        if (at == tail(last)) text += ' ';
        text += joined();
        if (ends_with_comma()) text += ',';
        edits_.insert(at, text);
    }

    /// Every entry has a line of its own, and so has the bracket that ends them.
    void add_lines(std::size_t last) {
        for (std::size_t i = 0; i < changes_.added.size(); ++i) {
            SecretText text(source_.before(begin(last)));
            text += changes_.added[i].front();
            if (i + 1 < changes_.added.size() || ends_with_comma()) text += ',';
            edits_.insert_line_after(source_.line_of(tail(last)), text);
        }
    }

    /// Every entry begins a line, and the bracket stands behind the last.
    void add_before_bracket(std::size_t last) {
        SecretText text;
        for (std::size_t i = 0; i < changes_.added.size(); ++i) {
            text += source_.line_break(source_.line_of(end(last)));
            text += source_.before(begin(last));
            text += changes_.added[i].front();
            if (i + 1 < changes_.added.size() || ends_with_comma()) text += ',';
        }
        edits_.insert(tail(last), text);
    }

    [[nodiscard]] SecretText joined() const {
        SecretText text;
        for (const auto& lines : changes_.added) {
            if (!text.empty()) text += ", ";
            text += lines.front();
        }
        return text;
    }

    const SourceText& source_;
    const Value& container_;
    const EntryChanges& changes_;
    TextEdits& edits_;
};

}  // namespace

void edit_flow_entries(const SourceText& source, const Value& container, const EntryChanges& changes,
                       TextEdits& edits) {
    FlowEntries(source, container, changes, edits).edit();
}

}  // namespace ringway::config
