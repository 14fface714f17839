#pragma once

#include <cstddef>

namespace ringway::control::console {

/// How wide a screen is, unless a terminal says something else.
inline constexpr std::size_t kColumns = 100;

}  // namespace ringway::control::console
