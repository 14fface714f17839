#pragma once

#include <string>

namespace ringway::control {

/// For people: "0.2 s", "59 s", "3 m 12 s", "5 h 2 m", "12 d 3 h".
[[nodiscard]] std::string age_text(double seconds);

}  // namespace ringway::control
