#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tests/support/test_network.h"

namespace ringway::tests {

/// Two gateways with a session, for targets that feed the first. Both have one lcore with all roles, and what
/// they sent to each other is captured. REQUIRES: EAL is up.
struct SessionBench {
    TestNetwork network;
    TestGateway& a = network.add({.number = 1});
    TestGateway& b = network.add({.number = 2});

    SessionBench();

    /// `a` receives the frame by `port`, with nothing readable behind it: a length that is believed before
    /// it is proved shows under ASan.
    void receive(PortIndex port, std::span<const std::uint8_t> frame);
    /// Polls `a` until what it received has gone through.
    void run_a();
    /// Empties what `a` has sent, and ends the program if it has lost an account or kept a bundle.
    void settle_accounts();
};

/// The bench that targets keep from input to input. One for all: its devices have names.
[[nodiscard]] SessionBench& kept_bench();
/// A new one in its place.
SessionBench& renew_bench();

}  // namespace ringway::tests
