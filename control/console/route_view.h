#pragma once

#include <string>

#include "control/view/json.h"
#include "dataplane/ip_address.h"
#include "dataplane/next_hop.h"

namespace ringway::control::console {

/// A route as the packet path follows it.
struct RouteView {
    std::string netns;  ///< empty: the gateway's own
    dataplane::IpPrefix prefix;
    dataplane::NextHop::Kind kind = dataplane::NextHop::Kind::host;
    std::string to;  ///< the port or tunnel; empty otherwise
    dataplane::IpAddress gateway;
    dataplane::IpAddress source;
};

/// "port", "tunnel", "local", "blackhole", "host".
[[nodiscard]] std::string_view name(dataplane::NextHop::Kind kind);
[[nodiscard]] Json to_json(const RouteView& view);

}  // namespace ringway::control::console
