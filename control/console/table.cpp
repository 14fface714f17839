#include "control/console/table.h"

#include <algorithm>
#include <numeric>

namespace ringway::control::console {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kScreen = 100;

std::string cut(const std::string& text, std::size_t width) {
    return text.size() <= width ? text : text.substr(0, width - 1) + "~";
}

void end_line(std::string& text) {
    text.erase(text.find_last_not_of(' ') + 1);
    text += '\n';
}

}  // namespace

std::vector<std::size_t> Table::widths() const {
    std::vector<std::size_t> widths;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        std::size_t width = columns_[i].name.size();
        for (const auto& row : rows_)
            width = std::max(width, row[i].size());
        widths.push_back(std::min(width, std::max(columns_[i].max_width, columns_[i].name.size())));
    }
    shrink(widths);
    return widths;
}

/// Text gives way where the screen is too narrow, the widest first; numbers do not.
void Table::shrink(std::vector<std::size_t>& widths) const {
    const auto total = [&] {
        return std::accumulate(widths.begin(), widths.end(), kGap * (widths.size() - 1));
    };
    while (total() > kScreen) {
        std::size_t widest = widths.size();
        for (std::size_t i = 0; i < widths.size(); ++i) {
            const bool can = columns_[i].align == Align::left && widths[i] > columns_[i].name.size();
            if (can && (widest == widths.size() || widths[i] > widths[widest])) widest = i;
        }
        if (widest == widths.size()) return;
        --widths[widest];
    }
}

std::string Table::text() const {
    const std::vector<std::size_t> width = widths();
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

std::string sheet_text(const std::vector<std::pair<std::string, std::string>>& lines) {
    std::size_t width = 0;
    for (const auto& [name, value] : lines)
        width = std::max(width, name.size());
    const std::size_t room = kScreen - width - kGap;
    std::string text;
    for (const auto& [name, value] : lines) {
        text += name + std::string(width + kGap - name.size(), ' ');
        std::string rest = value;
        while (rest.size() > room) {
            const auto blank = rest.rfind(' ', room);
            const std::size_t end = blank == std::string::npos || blank == 0 ? room : blank;
            text += rest.substr(0, end);
            end_line(text);
            text.append(width + kGap, ' ');
            rest.erase(0, end + (blank == end ? 1 : 0));
        }
        text += rest;
        end_line(text);
    }
    return text;
}

}  // namespace ringway::control::console
