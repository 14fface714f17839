#pragma once

#include <string>

#include "control/view/json.h"

namespace ringway::control::rest {

/// The object that a request's body is. Throws Problem.
[[nodiscard]] Json object_in(const std::string& body);

}  // namespace ringway::control::rest
