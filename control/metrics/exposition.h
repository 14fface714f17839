#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dataplane/histogram.h"

namespace ringway::control {

/// Writes series in Prometheus' text format: a family begins with its help and type, its samples follow.
class Exposition {
  public:
    using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;
    enum class Type : std::uint8_t { counter, gauge, histogram };

    /// Begins a family; `name` without ringway_, a counter's with its _total.
    void family(std::string_view name, Type type, std::string_view help);
    /// A sample of the family begun last.
    void sample(Labels labels, std::uint64_t value);
    void sample(Labels labels, double value);
    /// The samples of one histogram of the family begun last, in seconds.
    void histogram(Labels labels, const dataplane::Distribution& distribution);

    [[nodiscard]] std::string take() { return std::move(text_); }

  private:
    /// `suffix` of the name, and `bound`: the label le, if not empty.
    void begin(Labels labels, std::string_view suffix = {}, std::string_view bound = {});
    void label(char separator, std::string_view key, std::string_view value);

    std::string text_;
    std::string name_;
};

}  // namespace ringway::control
