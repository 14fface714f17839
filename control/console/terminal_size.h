#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ringway::control::console {

/// Takes out of a terminal's keys what its program says of its size: "ESC [ 8 ; ROWS ; COLUMNS t", the
/// sequence in which xterm reports it. It may come in pieces, and at any time.
class TerminalSize {
  public:
    static constexpr std::size_t kNarrowest = 80;
    static constexpr std::size_t kWidest = 200;

    /// The keys that are left.
    [[nodiscard]] std::string take(std::string_view keys);
    /// Between kNarrowest and kWidest; 100 until it is told.
    [[nodiscard]] std::size_t columns() const { return columns_; }

  private:
    std::string held_;  ///< what may become a report
    std::size_t columns_ = 100;
};

/// The report itself.
[[nodiscard]] inline std::string terminal_size_report(unsigned rows, unsigned columns) {
    return "\033[8;" + std::to_string(rows) + ";" + std::to_string(columns) + "t";
}

}  // namespace ringway::control::console
