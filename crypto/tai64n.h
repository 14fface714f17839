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

    /// The label of a wall-clock time in nanoseconds since the Unix epoch. Its nanoseconds are
    /// rounded down to a multiple of 2^24 (16.8 ms), as the kernel does, so that it tells the peer
    /// little about our clock; labels closer together than that are therefore equal: see next().
    [[nodiscard]] static Tai64n from_unix(std::uint64_t unix_nanoseconds);
    /// The smallest label that from_unix could give and that is greater than this one; for a sender
    /// whose clock went back, or who sends again too soon. REQUIRES: not the last label there is.
    [[nodiscard]] Tai64n next() const;
};

}  // namespace ringway::crypto
