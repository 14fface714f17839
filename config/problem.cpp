#include "config/problem.h"

#include <fmt/format.h>

#include <iterator>

namespace ringway::config {

std::string Problem::to_string() const {
    return fmt::format("{}:{}:{}: {}", file, line, column, text);
}

std::string to_string(const std::vector<Problem>& problems) {
    std::string out;
    for (const Problem& problem : problems)
        fmt::format_to(std::back_inserter(out), "{}\n", problem.to_string());
    return out;
}

}  // namespace ringway::config
