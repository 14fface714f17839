#pragma once

#include <string>
#include <vector>

#include "tools/benchmarks/measure.h"

namespace ringway::bench {

/// A line for each result, for people.
void print(const std::vector<Result>& results);

/// The results as interfaces.md describes them. False if the file can't be written.
[[nodiscard]] bool write_json(const std::string& file, const std::vector<Result>& results);

/// Keeps this thread on the CPU it is on.
void pin();

}  // namespace ringway::bench
