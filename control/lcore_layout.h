#pragma once

#include <vector>

#include "config/configuration.h"
#include "dataplane/lcore.h"

namespace ringway::control {

/// Which CPU does what: the configuration's roles, or for `auto` roles laid over the CPUs there are.
struct LcoreLayout {
    struct Polling {
        unsigned cpu;
        dataplane::LcoreRoles roles;
    };
    std::vector<Polling> polling;   ///< one lcore each
    std::vector<unsigned> control;  ///< where control threads may run
};

/// `cpus`: those this process may run on. One CPU polls and serves; of two or three, one is control's
/// and one receives, does crypto and transmits beside it; more go to crypto, whose work is the greatest.
[[nodiscard]] LcoreLayout lay_out(const config::Configuration& configuration,
                                  const std::vector<unsigned>& cpus);

/// The CPUs this process may run on.
[[nodiscard]] std::vector<unsigned> allowed_cpus();

}  // namespace ringway::control
