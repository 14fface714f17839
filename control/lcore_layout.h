#pragma once

#include <cstddef>
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

    /// Leaves the role tx to the first `most` of those that have it: each needs a transmit queue of its own.
    /// REQUIRES: `most` is not 0.
    void limit_transmitters(std::size_t most);
};

/// Packets there is memory for. A mbuf of the usual size, with its share of all else that comes out of packet
/// memory, counts as 4 KiB.
[[nodiscard]] std::size_t packets(const config::Configuration& configuration);

/// `cpus`: those this process may run on. The rules of `auto` are what tools/plan finds best, or nearly so:
/// the first CPU is control's, unless it is the only one; every other does crypto, for a bundle may go to
/// any. All of them receive and transmit too, so that none waits for work. But one peer's packets are sent by
/// one CPU: where the configuration has fewer peers than there are CPUs, only as many receive, and as many
/// transmit, on CPUs of their own if there are more than enough; and no more than four CPUs poll for a peer.
/// Fewer receive and transmit if packet memory is small, for each has queues that hold packets.
[[nodiscard]] LcoreLayout lay_out(const config::Configuration& configuration,
                                  const std::vector<unsigned>& cpus);

}  // namespace ringway::control
