#include "control/console/units.h"

#include <fmt/format.h>

#include <array>
#include <string_view>

namespace ringway::control::console {
namespace {

/// Three digits: "1.23", "12.3", "123".
std::string three_digits(double value) {
    if (value < 9.995) return fmt::format("{:.2f}", value);
    if (value < 99.95) return fmt::format("{:.1f}", value);
    return fmt::format("{:.0f}", value);
}

}  // namespace

std::string count_text(std::uint64_t count) {
    if (count < 100'000) return std::to_string(count);
    constexpr std::array<std::string_view, 6> kUnits = {"k", "M", "G", "T", "P", "E"};
    double value = static_cast<double>(count) / 1000;
    std::size_t unit = 0;
    // 999.5 would be written as 1000.
    for (; value >= 999.5; value /= 1000)
        ++unit;
    return three_digits(value) + std::string(kUnits[unit]);
}

std::string bytes_text(std::uint64_t bytes) {
    if (bytes < 1024) return fmt::format("{} B", bytes);
    constexpr std::array<std::string_view, 6> kUnits = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    double value = static_cast<double>(bytes) / 1024;
    std::size_t unit = 0;
    for (; value >= 999.5; value /= 1024)
        ++unit;
    return fmt::format("{} {}", three_digits(value), kUnits[unit]);
}

std::string share_text(double part, double whole) {
    return whole <= 0 ? "-" : fmt::format("{:.1f} %", 100 * part / whole);
}

std::string ratio_text(double part, double whole) {
    if (whole <= 0) return "-";
    const double ratio = part / whole;
    return ratio < 9999.95 ? fmt::format("{:.1f}", ratio) : count_text(static_cast<std::uint64_t>(ratio));
}

}  // namespace ringway::control::console
