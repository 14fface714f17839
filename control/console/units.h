#pragma once

#include <cstdint>
#include <string>

namespace ringway::control::console {

// Numbers for people, at most eight characters wide; exact ones are in the JSON.

/// "99999", "123k", "1.23M".
[[nodiscard]] std::string count_text(std::uint64_t count);
/// "1023 B", "1.50 KiB", "12.3 GiB".
[[nodiscard]] std::string bytes_text(std::uint64_t bytes);
/// "12.3 %"; "-" if there is no whole.
[[nodiscard]] std::string share_text(double part, double whole);
/// part / whole with one decimal while it is short; "-" if there is no whole.
[[nodiscard]] std::string ratio_text(double part, double whole);

}  // namespace ringway::control::console
