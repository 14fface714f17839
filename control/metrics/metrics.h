#pragma once

#include <string>
#include <vector>

#include "control/view/viewer.h"

namespace ringway::control {

/// What one scrape tells: taken on the control thread, written as text elsewhere.
struct Metrics {
    StatusView status;
    std::vector<PortView> ports;
    std::vector<LcoreView> lcores;
    std::vector<RingView> rings;
    std::vector<TunnelView> tunnels;
    DropsView drops;
    std::vector<PeerView> peers;  ///< only if asked for: there may be very many
};

/// Control thread.
[[nodiscard]] Metrics collect_metrics(const Viewer& viewer, bool with_peers);

/// The Prometheus text format, version 0.0.4. Names begin with ringway_ and carry their unit. Any thread.
[[nodiscard]] std::string metrics_text(const Metrics& metrics);

}  // namespace ringway::control
