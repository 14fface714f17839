#pragma once

// Poly1305 over lanes, what both radices share: where a lane's blocks begin, and how the sum becomes a
// tag. A lane is a packet; its blocks are the data, padded with zeros, and one of the two lengths. Lanes end
// together: a short one begins later, behind blocks of zero, which leave its sum of zero as it is.

#include "crypto/simd/kernel.h"

namespace ringway::crypto::simd {
namespace {

inline constexpr std::uint64_t kMask44 = (1ULL << 44) - 1;
inline constexpr std::uint64_t kMask42 = (1ULL << 42) - 1;
inline constexpr std::uint64_t kClampLow = 0x0ffffffc0fffffff;
inline constexpr std::uint64_t kClampHigh = 0x0ffffffc0ffffffc;

/// Where the lanes of one vector read, in steps of kStepBytes.
template <typename Isa, unsigned kStepBytes>
struct PolyCourse {
    static constexpr unsigned kLanes = Isa::kPolyLanes;

    std::int64_t start[kLanes];         ///< offset of the first step in the packet; negative: zeros lead
    std::uint64_t length[kLanes];       ///< bytes of data
    std::uintptr_t first_step[kLanes];  ///< where that is; it may lie outside the packet
    unsigned steps = 0;
    unsigned first_whole = 0;  ///< from this step on no lane has leading zeros
    bool ragged = false;       ///< a lane's data ends within 16 bytes

    [[gnu::always_inline]] explicit inline PolyCourse(const PolyLanes& lanes, unsigned first) {
        std::uint64_t longest = 0;
        std::uint64_t shortest = ~0ULL;
        std::uint64_t all = 0;
        for (unsigned i = 0; i < kLanes; ++i) {
            length[i] = lanes.length[first + i];
            all |= length[i];
            const std::uint64_t bytes = stream_bytes(length[i]);
            longest = bytes > longest ? bytes : longest;
            shortest = bytes < shortest ? bytes : shortest;
        }
        ragged = all % 16 != 0;
        prepare(longest, shortest);
        for (unsigned i = 0; i < kLanes; ++i)
            first_step[i] = reinterpret_cast<std::uintptr_t>(lanes.data[first + i]) +
                            static_cast<std::uintptr_t>(start[i]);
    }

    /// Makes both end with the same step: the shorter one begins later.
    [[gnu::always_inline]] inline void end_with(PolyCourse& other) {
        const unsigned most = other.steps > steps ? other.steps : steps;
        delay(most - steps);
        other.delay(most - other.steps);
    }

    /// Whether all lanes have all bytes of this step. The last step, of the lengths, is not asked about.
    [[gnu::always_inline]] inline bool is_whole(unsigned step) const {
        return step >= first_whole && (step + 2 < steps || !ragged);
    }

    /// The bytes of a step of one lane that are there, as a range within the step.
    struct Range {
        std::uint32_t begin;
        std::uint32_t end;
    };
    [[gnu::always_inline]] inline Range range(unsigned lane, std::int64_t offset) const {
        const std::int64_t at = start[lane] + offset;
        const std::int64_t before = at < 0 ? -at : 0;
        const std::int64_t left = static_cast<std::int64_t>(length[lane]) - at;
        const std::int64_t end = left < 0 ? 0 : (left > kStepBytes ? kStepBytes : left);
        return {static_cast<std::uint32_t>(before > end ? end : before), static_cast<std::uint32_t>(end)};
    }

    /// Where a step of one lane is. It may lie outside the packet: then it is not read there.
    [[gnu::always_inline]] inline const std::uint8_t* place(unsigned lane, std::int64_t offset) const {
        return reinterpret_cast<const std::uint8_t*>(first_step[lane] + static_cast<std::uintptr_t>(offset));
    }

    /// Of the padded data and the lengths.
    static std::uint64_t stream_bytes(std::uint64_t length) { return (length + 15) / 16 * 16 + 16; }

    [[gnu::always_inline]] inline void delay(unsigned by) {
        steps += by;
        first_whole += by;
        for (unsigned i = 0; i < kLanes; ++i) {
            start[i] -= std::int64_t{kStepBytes} * by;
            first_step[i] -= std::uintptr_t{kStepBytes} * by;
        }
    }

    [[gnu::always_inline]] inline void prepare(std::uint64_t longest, std::uint64_t shortest) {
        steps = static_cast<unsigned>((longest + kStepBytes - 1) / kStepBytes);
        first_whole = steps - static_cast<unsigned>(shortest / kStepBytes);
        for (unsigned i = 0; i < kLanes; ++i) {
            start[i] = static_cast<std::int64_t>(stream_bytes(length[i])) -
                       static_cast<std::int64_t>(steps) * kStepBytes;
        }
    }
};

/// Carries a sum of three limbs of about 44 bits out, takes it modulo 2^130 - 5, adds s: the two halves
/// of the tag.
template <typename Isa>
[[gnu::always_inline]] inline void poly1305_finish(typename Isa::Quads (&h)[3],
                                                   const typename Isa::Quads (&s)[2],
                                                   typename Isa::Quads (&tag)[2]) {
    using Quads = typename Isa::Quads;
    const Quads mask44 = Isa::broadcast64(kMask44);
    const Quads mask42 = Isa::broadcast64(kMask42);
    const Quads one = Isa::broadcast64(1);
    for (int twice = 0; twice < 2; ++twice) {
        h[1] = Isa::add64(h[1], Isa::template shift_right<44>(h[0]));
        h[0] = Isa::bit_and(h[0], mask44);
        h[2] = Isa::add64(h[2], Isa::template shift_right<44>(h[1]));
        h[1] = Isa::bit_and(h[1], mask44);
        const Quads over = Isa::template shift_right<42>(h[2]);
        h[2] = Isa::bit_and(h[2], mask42);
        h[0] = Isa::add64(h[0], Isa::add64(over, Isa::template shift_left<2>(over)));
    }
    h[1] = Isa::add64(h[1], Isa::template shift_right<44>(h[0]));
    h[0] = Isa::bit_and(h[0], mask44);

    // g = h + 5 - 2^130, whose sign says whether h is below the modulus.
    Quads g[3];
    g[0] = Isa::add64(h[0], Isa::broadcast64(5));
    g[1] = Isa::add64(h[1], Isa::template shift_right<44>(g[0]));
    g[0] = Isa::bit_and(g[0], mask44);
    g[2] =
        Isa::subtract64(Isa::add64(h[2], Isa::template shift_right<44>(g[1])), Isa::broadcast64(1ULL << 42));
    g[1] = Isa::bit_and(g[1], mask44);
    const Quads take_g = Isa::subtract64(Isa::template shift_right<63>(g[2]), one);
    for (unsigned i = 0; i < 3; ++i)
        h[i] = Isa::exclusive_or64(h[i], Isa::bit_and(take_g, Isa::exclusive_or64(h[i], g[i])));

    const Quads low = Isa::bit_or(h[0], Isa::template shift_left<44>(h[1]));
    const Quads high = Isa::bit_or(Isa::template shift_right<20>(h[1]), Isa::template shift_left<24>(h[2]));
    tag[0] = Isa::add64(low, s[0]);
    // A carry comes out where both had a bit, or either had one that the sum lost.
    const Quads carry = Isa::template shift_right<63>(
        Isa::bit_or(Isa::bit_and(low, s[0]), Isa::and_not(tag[0], Isa::bit_or(low, s[0]))));
    tag[1] = Isa::add64(Isa::add64(high, s[1]), carry);
}

}  // namespace
}  // namespace ringway::crypto::simd
