#pragma once

#include "control/view/json.h"

namespace ringway::control::rest {

/// The schemas of what REST gives and takes, by name: read off examples, so that they can't tell of a field
/// that is not served.
[[nodiscard]] Json schemas();

}  // namespace ringway::control::rest
