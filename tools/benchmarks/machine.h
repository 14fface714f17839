#pragma once

#include <nlohmann/json.hpp>

namespace ringway::bench {

/// What every file of results begins with (interfaces.md, "Benchmark results"): "machine" and "commit".
[[nodiscard]] nlohmann::json machine_and_commit();

}  // namespace ringway::bench
