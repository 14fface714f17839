#pragma once

#include <map>
#include <optional>

#include "config/problem.h"

namespace ringway::config {

/// Remembers where each of some things was named first, to report the second one.
template <typename Thing>
class Unique {
  public:
    /// Nothing when `thing` is new, else the line that has it already.
    [[nodiscard]] std::optional<std::uint32_t> claim(const Thing& thing, Position at) {
        const auto [first, is_new] = lines_.emplace(thing, at.line);
        if (is_new) return std::nullopt;
        return first->second;
    }

  private:
    std::map<Thing, std::uint32_t> lines_;
};

}  // namespace ringway::config
