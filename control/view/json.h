#pragma once

#include <nlohmann/json.hpp>

#include "control/change/plan.h"
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

/// Standard base64, as wg(8) prints a key, and base64url without padding, as a REST path names it.
[[nodiscard]] std::string key_text(const crypto::PublicKey& key);
[[nodiscard]] std::string key_in_path(const crypto::PublicKey& key);
/// RFC 3339 in UTC, to the millisecond.
[[nodiscard]] std::string time_text(std::uint64_t unix_nanoseconds);
/// "192.0.2.1:51820" or "[2001:db8::1]:51820".
[[nodiscard]] std::string endpoint_text(const dataplane::Endpoint& endpoint);

}  // namespace ringway::control
