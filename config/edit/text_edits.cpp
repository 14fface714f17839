#include "config/edit/text_edits.h"

#include <algorithm>
#include <utility>

namespace ringway::config {

void TextEdits::replace(std::size_t begin, std::size_t end, std::string_view text) {
    edits_.push_back({.begin = begin, .end = end, .text = SecretText(text)});
}

void TextEdits::insert_line_after(std::size_t line, std::string_view text) {
    SecretText whole(text);
    whole += source_.line_break(line);
    insert(source_.line_end(line), whole);
}

TextEdits::Reach TextEdits::reach(const Edit& edit) const {
    const std::size_t size = source_.text().size();
    const std::size_t first = edit.begin == size ? source_.lines() : source_.line_of(edit.begin);
    const bool at_line = edit.begin == size || source_.line_begin(first) == edit.begin;
    if (edit.begin == edit.end && at_line) return {first, first};
    const std::size_t last =
        source_.line_of(std::max(edit.begin, edit.end - (edit.end > edit.begin ? 1 : 0)));
    return {first, last + 1};
}

TextEdits::Result TextEdits::apply() {
    std::stable_sort(edits_.begin(), edits_.end(),
                     [](const Edit& a, const Edit& b) { return a.begin < b.begin; });
    const std::string_view old = source_.text();
    std::size_t longest = old.size();
    for (const Edit& edit : edits_)
        longest += edit.text.size();

    Result result;
    result.text.reserve(longest);
    std::size_t done = 0;
    std::size_t counted = 0;  // lines
    for (const Edit& edit : edits_) {
        if (edit.begin > done) result.text += old.substr(done, edit.begin - done);
        result.text += edit.text;
        done = std::max({done, edit.begin, edit.end});

        const Reach lines = reach(edit);
        const std::size_t first = std::max(lines.first, counted);
        if (lines.behind > first) result.lines.removed += lines.behind - first;
        counted = std::max(counted, lines.behind);
    }
    result.text += old.substr(std::min(done, old.size()));
    const auto now = static_cast<std::size_t>(std::count(result.text.begin(), result.text.end(), '\n'));
    result.lines.added = now - (source_.lines() - result.lines.removed);
    return result;
}

}  // namespace ringway::config
