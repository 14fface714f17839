#pragma once

#include <string>
#include <utility>
#include <vector>

#include "control/console/columns.h"

namespace ringway::control::console {

/// Rows under a head, aligned with spaces, two between columns, wide as the screen at most. Text
/// that has no room ends in '~'; JSON has all of it.
class Table {
  public:
    enum class Align : unsigned char { left, right };
    struct Column {
        std::string name;
        Align align = Align::left;
        std::size_t max_width = 48;
    };

    explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

    /// REQUIRES: as many cells as columns.
    void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
    [[nodiscard]] bool is_empty() const { return rows_.empty(); }
    [[nodiscard]] std::string text(std::size_t columns = kColumns) const;

  private:
    [[nodiscard]] std::vector<std::size_t> widths(std::size_t columns) const;
    void shrink(std::vector<std::size_t>& widths, std::size_t columns) const;

    std::vector<Column> columns_;
    std::vector<std::vector<std::string>> rows_;
};

/// A text cut at blanks into lines, all but the first indented.
[[nodiscard]] std::string wrapped(std::string text, std::size_t columns, std::size_t indent);

/// Names with their values, one a line; long values go on under themselves.
[[nodiscard]] std::string sheet_text(const std::vector<std::pair<std::string, std::string>>& lines,
                                     std::size_t columns = kColumns);

}  // namespace ringway::control::console
