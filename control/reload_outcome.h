#pragma once

#include <string>
#include <vector>

#include "config/problem.h"

namespace ringway::control {

/// What became of a request to read the configuration file again.
struct ReloadOutcome {
    std::vector<config::Problem> problems;  ///< of the file; if there are any, nothing was changed
    std::vector<std::string> refused;       ///< what only a restart can change; the rest was applied
};

}  // namespace ringway::control
