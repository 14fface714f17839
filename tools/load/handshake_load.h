#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

#include "crypto/random.h"
#include "tools/load/load.h"
#include "tools/load/trial.h"

namespace ringway::load {

/// Shares of the initiations that a handshake load sends. They need not add up to anything.
struct HandshakeShares {
    double valid = 1;
    double replayed = 0;  ///< sent before, byte by byte: to be ignored
    double random = 0;    ///< without a right mac1: to be ignored at the least cost
    double cookie = 0;  ///< with a right mac1 around rubbish: a cookie is the answer of a gateway under load
};

struct HandshakePlan {
    HandshakeShares shares;
    double rate = 0;  ///< initiations of all kinds per second; 0: as fast as valid ones are answered
    Nanoseconds duration = 0;
};

/// What a handshake load came to.
struct HandshakeResult {
    HandshakeCounts counts;
    LatencyHistogram latency;  ///< from a valid initiation to its response
    std::uint64_t replayed = 0;
    std::uint64_t random = 0;
    std::uint64_t cookie = 0;
    double seconds = 0;

    [[nodiscard]] double per_second() const {
        return seconds > 0 ? static_cast<double>(counts.responses_received) / seconds : 0;
    }
};

/// Sends initiations for so long, and then waits for answers. REQUIRES: links and next hops are there.
[[nodiscard]] HandshakeResult run_handshakes(Load& load, const HandshakePlan& plan, crypto::Random& random,
                                             const Stop& stop);

}  // namespace ringway::load
