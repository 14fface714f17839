#pragma once

// What the commands that show something have in common.

#include <chrono>
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
    return {.text = json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"};
}

template <typename View>
[[nodiscard]] Json json_of(const std::vector<View>& views) {
    Json items = Json::array();
    for (const View& view : views)
        items.push_back(to_json(view));
    return {{"items", std::move(items)}};
}

[[nodiscard]] inline std::uint64_t unix_nanoseconds() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
}

}  // namespace ringway::control::console
