#include "control/console/table.h"

#include <algorithm>
#include <numeric>

namespace ringway::control::console {
namespace {

constexpr std::size_t kGap = 2;

std::string cut(const std::string& text, std::size_t width) {
    return text.size() <= width ? text : text.substr(0, width - 1) + "~";
}

void end_line(std::string& text) {
    text.erase(text.find_last_not_of(' ') + 1);
    text += '\n';
}

}  // namespace

std::vector<std::size_t> Table::widths(std::size_t columns) const {
    std::vector<std::size_t> widths;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        std::size_t width = columns_[i].name.size();
        for (const auto& row : rows_)
            width = std::max(width, row[i].size());
        widths.push_back(std::min(width, std::max(columns_[i].max_width, columns_[i].name.size())));
    }
    shrink(widths, columns);
    return widths;
}

/// Text gives way where the screen is too narrow, the widest first; numbers do not.
void Table::shrink(std::vector<std::size_t>& widths, std::size_t columns) const {
    const auto total = [&] {
        return std::accumulate(widths.begin(), widths.end(), kGap * (widths.size() - 1));
    };
    while (total() > columns) {
        std::size_t widest = widths.size();
        for (std::size_t i = 0; i < widths.size(); ++i) {
            const bool can = columns_[i].align == Align::left && widths[i] > columns_[i].name.size();
            if (can && (widest == widths.size() || widths[i] > widths[widest])) widest = i;
        }
        if (widest == widths.size()) return;
        --widths[widest];
    }
}

std::string Table::text(std::size_t columns) const {
    const std::vector<std::size_t> width = widths(columns);
    std::string text;
    const auto add_line = [&](const auto& cell_of) {
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            const std::string cell = cut(cell_of(i), width[i]);
            const std::string fill(width[i] - cell.size(), ' ');
            text += columns_[i].align == Align::right ? fill + cell : cell + fill;
            text.append(kGap, ' ');
        }
        end_line(text);
    };
    add_line([&](std::size_t i) { return columns_[i].name; });
    for (const auto& row : rows_)
        add_line([&](std::size_t i) { return row[i]; });
    return text;
}

std::string wrapped(std::string text, std::size_t columns, std::size_t indent) {
    std::string lines;
    while (text.size() > columns) {
        // What stands in the indentation is no place to cut.
        const auto blank = text.rfind(' ', columns);
        const std::size_t end = blank == std::string::npos || blank <= indent ? columns : blank;
        lines += text.substr(0, end);
        end_line(lines);
        text.replace(0, end + (blank == end ? 1 : 0), indent, ' ');
    }
    lines += text;
    end_line(lines);
    return lines;
}

std::string sheet_text(const std::vector<std::pair<std::string, std::string>>& lines, std::size_t columns) {
    std::size_t width = 0;
    for (const auto& [name, value] : lines)
        width = std::max(width, name.size());
    const std::size_t indent = width + kGap;
    std::string text;
    for (const auto& [name, value] : lines)
        text += wrapped(name + std::string(indent - name.size(), ' ') + value, columns, indent);
    return text;
}

}  // namespace ringway::control::console
