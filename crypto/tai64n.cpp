#include "crypto/tai64n.h"

#include <bit>

#include "crypto/endian.h"

namespace ringway::crypto {

namespace {

/// The TAI64 label of the Unix epoch: 2^62, and the 10 s that TAI was then ahead of UTC. Later leap
/// seconds are left out, as in every WireGuard implementation: only order matters.
constexpr std::uint64_t kUnixEpochLabel = (1ULL << 62) + 10;
constexpr std::uint64_t kNanosecondsPerSecond = 1'000'000'000;
constexpr std::uint64_t kStep = 1ULL << 24;

/// How a label lies on the wire.
struct Layout {
    Be64 seconds;
    Be32 nanoseconds;
};
static_assert(sizeof(Layout) == kTimestampBytes);

Tai64n make(std::uint64_t seconds, std::uint64_t nanoseconds) {
    const Layout layout{Be64(seconds), Be32(static_cast<std::uint32_t>(nanoseconds / kStep * kStep))};
    return {std::bit_cast<decltype(Tai64n::bytes)>(layout)};
}

}  // namespace

Tai64n Tai64n::from_unix(std::uint64_t unix_nanoseconds) {
    return make(kUnixEpochLabel + unix_nanoseconds / kNanosecondsPerSecond,
                unix_nanoseconds % kNanosecondsPerSecond);
}

Tai64n Tai64n::next() const {
    const auto layout = std::bit_cast<Layout>(bytes);
    const std::uint64_t nanoseconds = layout.nanoseconds.host() + kStep;
    // The last step of a second is shorter than 2^24: from there, and from nanoseconds that were
    // never valid, the next label is the next second.
    if (nanoseconds / kStep * kStep >= kNanosecondsPerSecond) return make(layout.seconds.host() + 1, 0);
    return make(layout.seconds.host(), nanoseconds);
}

}  // namespace ringway::crypto
