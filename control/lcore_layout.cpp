#include "control/lcore_layout.h"

#include <algorithm>
#include <map>

#include "dataplane/port.h"

namespace ringway::control {
namespace {

using dataplane::LcoreRoles;

/// The CPUs that receive, or those that transmit: `count` from the one at place `first` on.
struct Span {
    std::size_t first = 0;
    std::size_t count = 0;

    [[nodiscard]] bool contains(std::size_t place) const { return place >= first && place < first + count; }
};

/// CPUs whose queues hold no more than half of all packets.
std::size_t affordable_ends(const config::Configuration& configuration) {
    const std::size_t held = std::size_t{2} * dataplane::kQueueDescriptors * configuration.ports.size();
    return std::max<std::size_t>(1, packets(configuration) / 2 / std::max<std::size_t>(1, held));
}

std::size_t configured_peers(const config::Configuration& configuration) {
    std::size_t n = 0;
    for (const config::Tunnel& tunnel : configuration.tunnels)
        n += tunnel.peers.size();
    return n;
}

LcoreLayout lay_out_auto(const config::Configuration& configuration, const std::vector<unsigned>& cpus) {
    // More than so many for a peer break its packets up into ever smaller bundles.
    constexpr std::size_t kCpusOfOnePeer = 4;
    std::vector<unsigned> polling(cpus.begin() + (cpus.size() == 1 ? 0 : 1), cpus.end());
    // None: they will be told while it runs, any number of them.
    const std::size_t configured = configured_peers(configuration);
    const std::size_t peers = configured == 0 ? polling.size() : configured;
    polling.resize(std::min(polling.size(), kCpusOfOnePeer * peers));
    const std::size_t ends = std::min({peers, polling.size(), affordable_ends(configuration)});
    const bool apart = 2 * ends < polling.size();
    const Span rx{0, ends};
    const Span tx{apart ? ends : 0, ends};
    LcoreLayout layout;
    layout.control = {cpus.front()};
    for (std::size_t i = 0; i < polling.size(); ++i)
        layout.polling.push_back({polling[i], {.rx = rx.contains(i), .crypto = true, .tx = tx.contains(i)}});
    return layout;
}

LcoreLayout lay_out_as_told(const config::Lcores& lcores, const std::vector<unsigned>& cpus) {
    std::map<unsigned, LcoreRoles> roles;
    for (const unsigned cpu : lcores.rx)
        roles[cpu].rx = true;
    for (const unsigned cpu : lcores.crypto)
        roles[cpu].crypto = true;
    for (const unsigned cpu : lcores.tx)
        roles[cpu].tx = true;
    LcoreLayout layout;
    for (const auto& [cpu, r] : roles)
        layout.polling.push_back({cpu, r});
    layout.control.assign(lcores.control.begin(), lcores.control.end());
    if (layout.control.empty()) {
        std::copy_if(cpus.begin(), cpus.end(), std::back_inserter(layout.control),
                     [&](unsigned cpu) { return !roles.contains(cpu); });
    }
    if (layout.control.empty()) layout.control = cpus;
    return layout;
}

}  // namespace

void LcoreLayout::limit_transmitters(std::size_t most) {
    std::size_t transmitters = 0;
    for (Polling& lcore : polling) {
        if (lcore.roles.tx && ++transmitters > most) lcore.roles.tx = false;
    }
}

std::size_t packets(const config::Configuration& configuration) {
    constexpr std::size_t kPerMiB = 256;
    return configuration.system.memory * kPerMiB;
}

LcoreLayout lay_out(const config::Configuration& configuration, const std::vector<unsigned>& cpus) {
    return configuration.lcores ? lay_out_as_told(*configuration.lcores, cpus)
                                : lay_out_auto(configuration, cpus);
}

}  // namespace ringway::control
