#pragma once

#include <string_view>

#include "config/problems.h"

namespace ringway::config {

/// Reports what no YAML parser should be given: too long a text, bytes that are not UTF-8, control
/// characters (the first of them), and every tab that indents. True when there is nothing to report.
[[nodiscard]] bool check_text(std::string_view text, Problems& problems);

}  // namespace ringway::config
