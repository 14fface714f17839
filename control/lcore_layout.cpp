#include "control/lcore_layout.h"

#include <sched.h>

#include <algorithm>
#include <map>

namespace ringway::control {
namespace {

using dataplane::LcoreRoles;

LcoreLayout lay_out_auto(const std::vector<unsigned>& cpus) {
    constexpr LcoreRoles kAll{.rx = true, .crypto = true, .tx = true};
    constexpr LcoreRoles kEnds{.rx = true, .crypto = false, .tx = true};
    constexpr LcoreRoles kCrypto{.rx = false, .crypto = true, .tx = false};
    LcoreLayout layout;
    layout.control = {cpus.front()};
    if (cpus.size() == 1) {
        layout.polling = {{cpus.front(), kAll}};
    } else if (cpus.size() == 2) {
        layout.polling = {{cpus[1], kAll}};
    } else {
        layout.polling = {{cpus[1], kEnds}};
        for (std::size_t i = 2; i < cpus.size(); ++i)
            layout.polling.push_back({cpus[i], kCrypto});
    }
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

LcoreLayout lay_out(const config::Configuration& configuration, const std::vector<unsigned>& cpus) {
    return configuration.lcores ? lay_out_as_told(*configuration.lcores, cpus) : lay_out_auto(cpus);
}

std::vector<unsigned> allowed_cpus() {
    cpu_set_t set;
    CPU_ZERO(&set);
    std::vector<unsigned> cpus;
    if (sched_getaffinity(0, sizeof(set), &set) != 0) return {0};
    for (unsigned cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
        if (CPU_ISSET(cpu, &set)) cpus.push_back(cpu);
    }
    return cpus;
}

}  // namespace ringway::control
