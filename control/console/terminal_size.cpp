#include "control/console/terminal_size.h"

#include <algorithm>
#include <charconv>

namespace ringway::control::console {
namespace {

constexpr std::string_view kBegin = "\033[8;";
constexpr std::size_t kMaxReport = 16;

bool may_become_report(std::string_view text) {
    if (text.size() <= kBegin.size()) return kBegin.starts_with(text);
    if (text.size() > kMaxReport || !text.starts_with(kBegin)) return false;
    text.remove_prefix(kBegin.size());
    return text.find_first_not_of("0123456789;") == std::string_view::npos &&
           std::count(text.begin(), text.end(), ';') <= 1;
}

bool ends_report(std::string_view held, char c) {
    return c == 't' && held.size() > kBegin.size() && held.back() != ';' &&
           std::count(held.begin(), held.end(), ';') == 2;
}

}  // namespace

std::string TerminalSize::take(std::string_view keys) {
    std::string left;
    for (const char key : keys) {
        if (ends_report(held_, key)) {
            std::size_t columns = 0;
            const char* end = held_.data() + held_.size();
            std::from_chars(held_.data() + held_.rfind(';') + 1, end, columns);
            columns_ = std::clamp(columns, kNarrowest, kWidest);
            held_.clear();
            continue;
        }
        held_ += key;
        if (may_become_report(held_)) continue;
        // Another sequence; the key may begin the next.
        left.append(held_, 0, held_.size() - 1);
        held_.assign(1, key);
        if (may_become_report(held_)) continue;
        left += key;
        held_.clear();
    }
    return left;
}

}  // namespace ringway::control::console
