#include "control/fixed_settings.h"

#include <algorithm>

namespace ringway::control {
namespace {

/// Where the file names a thing is no difference, nor is the log, which can change.
config::System without_log(config::System system) {
    system.log = {};
    return system;
}

template <typename Item>
std::vector<Item> without_lines(std::vector<Item> items) {
    for (Item& item : items)
        item.line = 0;
    return items;
}

std::vector<std::string> names(const std::vector<config::Tunnel>& tunnels) {
    std::vector<std::string> names;
    for (const config::Tunnel& tunnel : tunnels)
        names.push_back(tunnel.name);
    std::sort(names.begin(), names.end());
    return names;
}

}  // namespace

FixedSettings::FixedSettings(const config::Configuration& configuration)
    : system_(without_log(configuration.system)),
      lcores_(configuration.lcores),
      ports_(without_lines(configuration.ports)),
      routes_(without_lines(configuration.routes)),
      tunnels_(names(configuration.tunnels)),
      wg_socket_(configuration.wg_socket) {}

std::vector<std::string> FixedSettings::differences(const config::Configuration& configuration) const {
    std::vector<std::string> lines;
    const auto note = [&](bool same, const char* part) {
        if (!same) lines.push_back(std::string(part) + " changes at a restart only");
    };
    note(system_ == without_log(configuration.system), "system (but for its log)");
    note(lcores_ == configuration.lcores, "lcores");
    note(ports_ == without_lines(configuration.ports), "ports");
    note(routes_ == without_lines(configuration.routes), "routes");
    note(tunnels_ == names(configuration.tunnels), "the list of tunnels");
    note(wg_socket_ == configuration.wg_socket, "wg_socket");
    return lines;
}

}  // namespace ringway::control
