#pragma once

// What the commands that show something have in common.

#include <string>
#include <vector>

#include "control/console/command.h"
#include "control/view/json.h"

namespace ringway::control::console {

inline const Parameter kJsonOption{
    .name = "json", .kind = Parameter::Kind::flag, .help = "exact values as JSON, as REST gives them"};

[[nodiscard]] inline bool wants_json(const Arguments& arguments) {
    return arguments.has("json");
}

[[nodiscard]] inline Answer json_answer(const Json& json) {
    return {.text = text_of(json)};
}

}  // namespace ringway::control::console
