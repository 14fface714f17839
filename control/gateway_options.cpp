#include "control/gateway_options.h"

#include <algorithm>
#include <chrono>
#include <optional>

#include "dataplane/port.h"

namespace ringway::control {
namespace {

std::uint16_t largest_mtu(const config::Configuration& configuration) {
    std::uint16_t mtu = 0;
    for (const config::Port& port : configuration.ports)
        mtu = std::max(mtu, port.mtu);
    for (const config::Tunnel& tunnel : configuration.tunnels)
        mtu = std::max(mtu, tunnel.mtu);
    return mtu;
}

/// What seals and opens packets, measured now.
crypto::AeadPolicy aead_policy(config::Aead wanted) {
    using crypto::AeadPath;
    if (wanted == config::Aead::ipsec_mb) return crypto::AeadPolicy::always(AeadPath::ipsec_mb);
    std::optional<AeadPath> path;
    if (wanted == config::Aead::avx512) path = AeadPath::avx512;
    if (wanted == config::Aead::avx2) path = AeadPath::avx2;
    return crypto::AeadPolicy::measured(path, [] {
        return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch() /
                                          std::chrono::nanoseconds(1));
    });
}

dataplane::HostLimits host_limits(const config::HostLimits& limits) {
    return {.per_second = {limits.arp, limits.nd, limits.icmp, limits.bgp, limits.other}};
}

}  // namespace

// Gateways of one machine have no tunnel name in common: their wg(8) sockets would meet.
std::string state_name(const config::Configuration& configuration) {
    return configuration.tunnels.empty() ? "gateway" : configuration.tunnels.front().name;
}

dataplane::EalOptions eal_options(const config::Configuration& configuration, const LcoreLayout& layout) {
    dataplane::EalOptions options;
    switch (configuration.system.hugepages) {
        case config::Hugepages::automatic:
            options.hugepages = dataplane::EalOptions::Hugepages::automatic;
            break;
        case config::Hugepages::required:
            options.hugepages = dataplane::EalOptions::Hugepages::required;
            break;
        case config::Hugepages::off:
            options.hugepages = dataplane::EalOptions::Hugepages::off;
            break;
    }
    options.memory_mib = configuration.system.memory;
    options.cpus.push_back(layout.control);  // the control thread
    for (const LcoreLayout::Polling& polling : layout.polling)
        options.cpus.push_back({polling.cpu});
    options.cpus.push_back(layout.control);  // the host I/O thread
    for (const config::Port& port : configuration.ports)
        options.devices.push_back(port.device);
    options.name = state_name(configuration);
    options.telemetry = true;
    return options;
}

const LcoreLayout& fit_to_devices(LcoreLayout& layout, const config::Configuration& configuration) {
    if (configuration.lcores) return layout;
    for (const config::Port& port : configuration.ports) {
        if (const auto queues = dataplane::transmit_queues(port.device); queues && *queues != 0)
            layout.limit_transmitters(*queues);
    }
    return layout;
}

dataplane::DataplaneOptions plane_options(const config::Configuration& configuration,
                                          const LcoreLayout& layout) {
    dataplane::DataplaneOptions options;
    for (const LcoreLayout::Polling& polling : layout.polling)
        options.lcores.push_back(polling.roles);
    options.max_peers = configuration.system.max_peers;
    options.packets = packets(configuration);
    options.bundles = std::max<std::size_t>(1024, options.packets / 8);
    options.max_mtu = largest_mtu(configuration);
    options.max_tunnels = std::max<std::size_t>(1, configuration.tunnels.size());
    options.host_interfaces = configuration.ports.size() + configuration.tunnels.size();
    options.domains = 1 + configuration.ports.size() + 2 * configuration.tunnels.size();
    options.host_limits = host_limits(configuration.system.host_limits);
    options.aead = aead_policy(configuration.system.aead);
    return options;
}

}  // namespace ringway::control
