#pragma once

// What tables the operator sees, as functions of view.h's values: plain text, as wide as the screen at
// most, numbers shortened. Exact numbers are in the JSON.

#include <string>
#include <vector>

#include "control/console/command.h"
#include "control/console/route_view.h"
#include "control/view/view.h"

namespace ringway::control::console {

[[nodiscard]] std::string status_screen(const StatusView& status, std::size_t columns = kColumns);
[[nodiscard]] std::string ports_screen(const std::vector<PortView>& ports, std::size_t columns = kColumns);
/// `seconds`: since when the lcores' counters count.
[[nodiscard]] std::string lcores_screen(const std::vector<LcoreView>& lcores, double seconds,
                                        std::size_t columns = kColumns);
[[nodiscard]] std::string rings_screen(const std::vector<RingView>& rings, std::size_t columns = kColumns);
[[nodiscard]] std::string tunnels_screen(const std::vector<TunnelView>& tunnels,
                                         std::size_t columns = kColumns);
[[nodiscard]] std::string drops_screen(const DropsView& drops, std::size_t columns = kColumns);
[[nodiscard]] std::string routes_screen(const std::vector<RouteView>& routes, std::size_t columns = kColumns);
/// `now_unix_nanoseconds`: what "ago" is counted from.
[[nodiscard]] std::string peers_screen(const std::vector<PeerView>& peers, std::uint64_t now_unix_nanoseconds,
                                       std::size_t columns = kColumns);
[[nodiscard]] std::string peer_screen(const PeerView& peer, std::uint64_t now_unix_nanoseconds,
                                      std::size_t columns = kColumns);

}  // namespace ringway::control::console
