#pragma once

#include <array>
#include <compare>
#include <cstdint>

#include "crypto/messages.h"

namespace ringway::crypto {

/// A TAI64N label: 8 bytes of seconds, 4 of nanoseconds, big-endian, so that comparing bytes
/// compares times. Not a secret, but an initiation's is sent encrypted.
struct Tai64n {
    std::array<std::uint8_t, kTimestampBytes> bytes{};
    auto operator<=>(const Tai64n&) const = default;

    /// The label of a wall-clock time in nanoseconds since the Unix epoch, its nanoseconds rounded
    /// down to a multiple of 2^24, so that it tells an observer of the plaintext less about the
    /// sender's clock and no two initiations within 16 ms share an order (kernel: tai64n_now).
    [[nodiscard]] static Tai64n from_unix(std::uint64_t unix_nanoseconds);
    /// The smallest label this program would send that is greater than this one; for a sender
    /// whose clock went back.
    [[nodiscard]] Tai64n next() const;
};

}  // namespace ringway::crypto
