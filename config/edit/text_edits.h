#pragma once

// Changes of a text, gathered in any order and made all at once.

#include <cstddef>
#include <string_view>
#include <vector>

#include "config/edit/source_text.h"
#include "config/secret_text.h"

namespace ringway::config {

/// How much of a text changed, as diff(1) counts it.
struct LineCounts {
    std::size_t removed = 0;
    std::size_t added = 0;
};

class TextEdits {
  public:
    explicit TextEdits(const SourceText& source) : source_(source) {}

    void replace(std::size_t begin, std::size_t end, std::string_view text);
    void erase(std::size_t begin, std::size_t end) { replace(begin, end, {}); }
    /// Texts for the same place keep the order in which they came; one for a place inside erased text
    /// is put there all the same.
    void insert(std::size_t at, std::string_view text) { replace(at, at, text); }
    void erase_lines(std::size_t first, std::size_t last) {
        erase(source_.line_begin(first), source_.line_end(last));
    }
    /// `text` is what comes into the line, without its line end.
    void insert_line_after(std::size_t line, std::string_view text);

    [[nodiscard]] bool empty() const { return edits_.empty(); }

    struct Result {
        SecretText text;
        LineCounts lines;
    };
    [[nodiscard]] Result apply();

  private:
    struct Edit {
        std::size_t begin;
        std::size_t end;
        SecretText text;
    };

    /// The lines of the old text that an edit reaches; none for one between two lines.
    struct Reach {
        std::size_t first;
        std::size_t behind;
    };
    [[nodiscard]] Reach reach(const Edit& edit) const;

    const SourceText& source_;
    std::vector<Edit> edits_;
};

}  // namespace ringway::config
