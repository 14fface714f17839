#pragma once

#include <nlohmann/json.hpp>

#include "control/change/plan.h"
#include "control/view/texts.h"
#include "control/view/view.h"

namespace ringway::control {

/// Keys keep the order they are written in: people read this too.
using Json = nlohmann::ordered_json;

// The values of view.h as REST and `show ... json` give them. Units are in the names (interfaces.md, REST).
[[nodiscard]] Json to_json(const StatusView& view);
[[nodiscard]] Json to_json(const PortView& view);
[[nodiscard]] Json to_json(const LcoreView& view);
[[nodiscard]] Json to_json(const RingView& view);
[[nodiscard]] Json to_json(const TunnelView& view);
[[nodiscard]] Json to_json(const PeerView& view);
[[nodiscard]] Json to_json(const DropsView& view);
[[nodiscard]] Json to_json(const PlanSummary& plan);

/// A list of them, as REST and the console give it.
template <typename View>
[[nodiscard]] Json items_json(const std::vector<View>& views) {
    Json items = Json::array();
    for (const View& view : views)
        items.push_back(to_json(view));
    return {{"items", std::move(items)}};
}
/// As it is sent. Names and paths are bytes: those that are no UTF-8 are replaced.
[[nodiscard]] inline std::string text_of(const Json& json) {
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace ringway::control
