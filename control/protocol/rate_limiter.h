#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "control/protocol/plane.h"
#include "crypto/random.h"
#include "dataplane/ip_address.h"

namespace ringway::control::protocol {

/// How many handshake messages one source address gets under load: a token bucket per IPv4 address
/// or IPv6 /64 (WireGuard paper, section 5.3; the numbers are the kernel's). Only for sources that
/// have proved, by a valid mac2, that they own their address.
///
/// The table has a fixed size and never allocates. Its hash is keyed, so that no sender can aim at a
/// chosen part of it.
class RateLimiter {
  public:
    static constexpr std::uint64_t kPerSecond = 20;
    static constexpr std::uint64_t kBurst = 5;

    /// `sources`: how many are told apart at once; rounded up to a power of two.
    RateLimiter(std::size_t sources, crypto::Random& random);

    /// Takes a token of the source; false if it has none left.
    [[nodiscard]] bool allow(const dataplane::IpAddress& source, Nanoseconds now);

  private:
    /// A bucket kept as the time at which it will be full again (the generic cell rate algorithm):
    /// one whose time has come is the same as no bucket at all, so nothing has to be aged.
    struct Bucket {
        std::uint64_t prefix = 0;
        Nanoseconds full_at = 0;
        dataplane::Family family = dataplane::Family::v4;
    };
    static constexpr std::size_t kWays = 8;
    static constexpr Nanoseconds kTokenCost = 1'000'000'000 / kPerSecond;

    using Set = std::array<Bucket, kWays>;

    [[nodiscard]] Bucket* find(dataplane::Family family, std::uint64_t prefix, Nanoseconds now);

    std::vector<Set> sets_;
    std::array<std::uint8_t, 16> hash_key_{};
};

}  // namespace ringway::control::protocol
