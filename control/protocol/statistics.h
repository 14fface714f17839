#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "control/protocol/plane.h"
#include "control/protocol/verdict.h"
#include "dataplane/histogram.h"

namespace ringway::control::protocol {

/// What became of one tunnel's handshake messages since it was added.
struct TunnelHandshakes {
    std::uint64_t initiations_sent = 0;
    std::array<std::uint64_t, kVerdicts> verdicts{};  ///< of messages received, by Verdict
};

/// What the engine counts for people. Control thread.
struct Statistics {
    /// 131 us to 137 s: a handshake goes on for 90 s before it is given up.
    using Durations = dataplane::Histogram<17, 21>;

    std::vector<TunnelHandshakes> tunnels;  ///< by TunnelId
    /// From our first initiation, lost ones included, until its session can send.
    Durations initiated;
    /// From a peer's initiation until its session can send: once the peer has used it.
    Durations responded;
};

}  // namespace ringway::control::protocol
