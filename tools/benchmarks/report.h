#pragma once

#include <string>
#include <vector>

#include "tools/benchmarks/measure.h"

namespace ringway::bench {

/// A line for each result, for people. The line of one that takes long can be printed as soon as it is there.
void print_heading();
void print(const Result& result);
void print(const std::vector<Result>& results);

/// The results as interfaces.md describes them. False if the file can't be written.
[[nodiscard]] bool write_json(const std::string& file, const std::vector<Result>& results);

/// Keeps this thread on the CPU it is on.
void pin();

}  // namespace ringway::bench
