#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "tools/load/latency_histogram.h"

namespace ringway::load {

/// One line of a chart.
struct LatencySeries {
    std::string name;
    const LatencyHistogram* latency;
};

/// Draws latency by percentile as SVG, both axes logarithmic, so that the few slow packets are seen as well
/// as the many usual ones. Series without packets are left out.
void draw_latency(std::ostream& out, const std::string& title, const std::string& subtitle,
                  const std::vector<LatencySeries>& series);

}  // namespace ringway::load
