#pragma once

#include <span>
#include <string_view>

namespace ringway::config {

/// The candidate that takes the fewest insertions, deletions, replacements and swaps of neighbours to
/// become `word`; the first of equals. Empty when none is near enough to be what was meant: more than
/// half of its letters are wrong, and `word` is no part of it. Letters' case counts as no difference.
[[nodiscard]] std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace ringway::config
