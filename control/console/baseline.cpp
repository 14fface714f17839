#include "control/console/baseline.h"

#include <algorithm>

namespace ringway::control::console {
namespace {

void subtract(dataplane::Totals& from, const dataplane::Totals& base) {
    from.in -= base.in;
    from.from_host -= base.from_host;
    from.made_here -= base.made_here;
    from.out -= base.out;
    from.to_host -= base.to_host;
    from.consumed -= base.consumed;
    for (std::size_t i = 0; i < from.drops.size(); ++i)
        from.drops[i] -= base.drops[i];
}

void subtract(PortView& from, const PortView& base) {
    from.rx_packets -= base.rx_packets;
    from.rx_bytes -= base.rx_bytes;
    from.rx_missed_packets -= base.rx_missed_packets;
    from.rx_errors -= base.rx_errors;
    from.rx_no_buffer_packets -= base.rx_no_buffer_packets;
    from.tx_packets -= base.tx_packets;
    from.tx_bytes -= base.tx_bytes;
    from.tx_errors -= base.tx_errors;
}

void subtract(LcoreView& from, const LcoreView& base) {
    from.polls -= base.polls;
    from.busy_polls -= base.busy_polls;
    for (std::size_t i = 0; i < dataplane::kStages; ++i) {
        from.stage_cycles[i] -= base.stage_cycles[i];
        from.stage_packets[i] -= base.stage_packets[i];
    }
    from.bundles -= base.bundles;
    from.aead_calls -= base.aead_calls;
    from.dropped_packets -= base.dropped_packets;
}

}  // namespace

StatusView since(const Baseline& base, StatusView view) {
    subtract(view.packets, base.status.packets);
    return view;
}

std::vector<PortView> since(const Baseline& base, std::vector<PortView> views) {
    for (PortView& view : views) {
        const auto old = std::find_if(base.ports.begin(), base.ports.end(),
                                      [&](const PortView& port) { return port.name == view.name; });
        if (old != base.ports.end()) subtract(view, *old);
    }
    return views;
}

std::vector<LcoreView> since(const Baseline& base, std::vector<LcoreView> views) {
    for (std::size_t i = 0; i < std::min(views.size(), base.lcores.size()); ++i)
        subtract(views[i], base.lcores[i]);
    return views;
}

DropsView since(const Baseline& base, DropsView view) {
    subtract(view.totals, base.drops.totals);
    for (std::size_t i = 0; i < std::min(view.drops.size(), base.drops.drops.size()); ++i) {
        for (std::size_t reason = 0; reason < view.drops[i].size(); ++reason)
            view.drops[i][reason] -= base.drops.drops[i][reason];
    }
    return view;
}

}  // namespace ringway::control::console
