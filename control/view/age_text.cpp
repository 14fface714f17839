#include "control/view/age_text.h"

#include <fmt/format.h>

#include <cstdint>

namespace ringway::control {

std::string age_text(double seconds) {
    if (seconds < 1) return fmt::format("{:.1f} s", seconds);
    const auto whole = static_cast<std::uint64_t>(seconds);
    constexpr std::uint64_t kMinute = 60;
    constexpr std::uint64_t kHour = 60 * kMinute;
    constexpr std::uint64_t kDay = 24 * kHour;
    if (whole < kMinute) return fmt::format("{} s", whole);
    if (whole < kHour) return fmt::format("{} m {} s", whole / kMinute, whole % kMinute);
    if (whole < kDay) return fmt::format("{} h {} m", whole / kHour, whole % kHour / kMinute);
    if (whole < 100 * kDay) return fmt::format("{} d {} h", whole / kDay, whole % kDay / kHour);
    return fmt::format("{} d", whole / kDay);
}

}  // namespace ringway::control
