#pragma once

#include <cstddef>
#include <cstdint>

#include "crypto/aead_policy.h"
#include "dataplane/clock.h"
#include "dataplane/eal.h"

namespace ringway::bench {

/// One peer's single flow, sealed by lcores on one CPU or on two. Source and sink are part of the lcores'
/// threads, the source where packets are received, the sink where they are sent, so that their cost is on
/// both sides of the ratio.
struct SplitOptions {
    std::uint16_t inner_bytes = 1420;
    std::size_t packets = 2048;  ///< that go round
    crypto::AeadPolicy aead;
};

/// What a run of some time has moved.
struct SplitResult {
    std::uint64_t packets = 0;
    std::uint64_t out_of_order = 0;
    std::uint64_t nanoseconds = 0;

    [[nodiscard]] double per_second() const {
        return static_cast<double>(packets) * 1e9 / static_cast<double>(nanoseconds);
    }
};

/// All roles on one CPU (EAL lcore 1), or rx and crypto on one and crypto and tx on another (1 and 2), for
/// `milliseconds`. Throws std::runtime_error if anything was dropped.
[[nodiscard]] SplitResult run_split(dataplane::Eal& eal, const dataplane::Clock& clock, unsigned cpus,
                                    const SplitOptions& options, unsigned milliseconds);

}  // namespace ringway::bench
