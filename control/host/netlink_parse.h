#pragma once

#include <linux/netlink.h>

#include <optional>

#include "control/host/types.h"

namespace ringway::control::host {

// Reads the messages of rtnetlink. Nothing comes back for a message that is malformed or tells
// of something else: another family, a bridge's view of a link, a proxied neighbour, a cached route.

[[nodiscard]] std::optional<Link> parse_link(const nlmsghdr* message);
[[nodiscard]] std::optional<Address> parse_address(const nlmsghdr* message);
[[nodiscard]] std::optional<Route> parse_route(const nlmsghdr* message);
[[nodiscard]] std::optional<Neighbour> parse_neighbour(const nlmsghdr* message);

}  // namespace ringway::control::host
