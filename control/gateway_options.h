#pragma once

#include <string>

#include "config/configuration.h"
#include "control/lcore_layout.h"
#include "dataplane/dataplane.h"
#include "dataplane/eal.h"

namespace ringway::control {

// What a configuration means for DPDK and for the packet path. Control thread, at the start.

/// What this gateway's state and DPDK's files are called by.
[[nodiscard]] std::string state_name(const config::Configuration& configuration);

[[nodiscard]] dataplane::EalOptions eal_options(const config::Configuration& configuration,
                                                const LcoreLayout& layout);

/// `layout`; if it is an automatic one, with what the devices have transmit queues for. REQUIRES: EAL is up.
const LcoreLayout& fit_to_devices(LcoreLayout& layout, const config::Configuration& configuration);

/// Measures the AEADs of this CPU, unless the configuration chooses one. Throws std::runtime_error if the CPU
/// lacks its instructions.
[[nodiscard]] dataplane::DataplaneOptions plane_options(const config::Configuration& configuration,
                                                        const LcoreLayout& layout);

}  // namespace ringway::control
