#pragma once

// What a program says that is a part of tools/siege: see tools/sieging/part.py.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ringway::tests {

/// One line of the closing table.
struct SiegeRow {
    std::string what;  ///< "worlds of an hour", "packets of one peer through 3 crypto lcores"
    std::uint64_t tried = 0;
    std::string unit;  ///< of `tried`
    double seconds = 0;
    std::uint64_t lost = 0;             ///< of what must not have been lost
    std::vector<std::string> failures;  ///< a sentence each that can be acted upon
};

/// Writes the results of a part. Throws std::runtime_error if the file can't be written.
void write_siege_part(const std::string& file, std::string_view part, const std::vector<SiegeRow>& rows);

/// A line to stderr every few seconds; on a terminal it takes the place of the one before. One thread.
class SiegeProgress {
  public:
    using Clock = std::chrono::steady_clock;

    SiegeProgress();
    /// Says it if the last one was said some seconds ago.
    void say(std::string_view what);
    /// Leaves the terminal's line empty.
    void clear();

  private:
    bool on_terminal_;
    Clock::time_point said_;
};

}  // namespace ringway::tests
