#pragma once

#include <string>

#include "tools/load/settings.h"
#include "tools/load/trial.h"

namespace ringway::load {

/// "memif/encrypt/64/peers1": a device's kind, what was asked of it, and how many peers there were.
[[nodiscard]] std::string result_name(const Settings& settings);

/// A table for people, to standard output.
void print_results(const Settings& settings, const Load& load, const TrialResult& result);

/// As interfaces.md describes benchmark results, with all that was counted under "load". False if the file
/// can't be written.
[[nodiscard]] bool write_json(const Settings& settings, const Load& load, const TrialResult& result);

}  // namespace ringway::load
