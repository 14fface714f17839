#pragma once

// What tables the operator sees, as functions of view.h's values: plain text, at most 100 columns, numbers
// shortened. Exact numbers are in the JSON.

#include <string>
#include <vector>

#include "control/console/route_view.h"
#include "control/view/view.h"

namespace ringway::control::console {

[[nodiscard]] std::string status_screen(const StatusView& status);
[[nodiscard]] std::string ports_screen(const std::vector<PortView>& ports);
/// `seconds`: since when the lcores' counters count.
[[nodiscard]] std::string lcores_screen(const std::vector<LcoreView>& lcores, double seconds);
[[nodiscard]] std::string rings_screen(const std::vector<RingView>& rings);
[[nodiscard]] std::string tunnels_screen(const std::vector<TunnelView>& tunnels);
[[nodiscard]] std::string drops_screen(const DropsView& drops);
[[nodiscard]] std::string routes_screen(const std::vector<RouteView>& routes);
/// `now_unix_nanoseconds`: what "ago" is counted from.
[[nodiscard]] std::string peers_screen(const std::vector<PeerView>& peers,
                                       std::uint64_t now_unix_nanoseconds);
[[nodiscard]] std::string peer_screen(const PeerView& peer, std::uint64_t now_unix_nanoseconds);

}  // namespace ringway::control::console
