#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace ringway::control {

/// Writes series in Prometheus' text format: a family begins with its help and type, its samples follow.
class Exposition {
  public:
    using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;
    enum class Type : std::uint8_t { counter, gauge };

    /// Begins a family; `name` without ringway_, a counter's with its _total.
    void family(std::string_view name, Type type, std::string_view help);
    /// A sample of the family begun last.
    void sample(Labels labels, std::uint64_t value);
    void sample(Labels labels, double value);

    [[nodiscard]] std::string take() { return std::move(text_); }

  private:
    void begin(Labels labels);

    std::string text_;
    std::string name_;
};

}  // namespace ringway::control
