#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/problem.h"

namespace ringway::config {

struct Value;

/// Gathers what is wrong with one text. Reading goes on after a problem, so that all are found.
class Problems {
  public:
    void add(Position at, std::string text);
    /// Located at the value, and said of the key that holds it.
    void add(const Value& value, std::string_view text);

    [[nodiscard]] bool empty() const { return found_.empty(); }
    /// All problems so far as `file`'s, in the order of the text, and forgets them.
    [[nodiscard]] std::vector<Problem> take(const std::string& file);

  private:
    std::vector<Problem> found_;
};

/// The text of a file as a message may show it: in quotes, control characters replaced, cut when long,
/// and not shown at all when it could be a key, since a private one may stand where it does not belong.
[[nodiscard]] std::string shown(std::string_view text);

/// "a, b or c".
[[nodiscard]] std::string one_of(const std::vector<std::string_view>& words);

}  // namespace ringway::config
