#pragma once

#include <vector>

#include "control/view/json.h"

namespace ringway::control::rest {

struct Operation;

/// The OpenAPI 3.1 description of the operations. Schemas are read off what to_json() makes of an example
/// of each view, so that they can't tell of a field that is not served.
[[nodiscard]] Json openapi(const std::vector<Operation>& operations);

}  // namespace ringway::control::rest
