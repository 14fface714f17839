#pragma once

#include <nlohmann/json.hpp>

#include "tools/load/results.h"

namespace ringway::load {

// As interfaces.md describes benchmark results; all that was counted is beside them, under "load".

[[nodiscard]] nlohmann::json to_json(const Settings& settings, const Load& load, const Measurement& measured);
[[nodiscard]] nlohmann::json to_json(const Settings& settings, const Load& load,
                                     const HandshakeResult& result);

}  // namespace ringway::load
