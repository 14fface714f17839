#pragma once

// The X25519 kernel over plain 64-bit words: the ladder that AVX-512 runs, for any CPU and for tools that
// don't know its vectors.

#include <cstdint>

#include "crypto/x25519_ladder.h"

namespace ringway::tests {

/// One lane: see crypto/field25519.h and crypto/x25519_ladder.h for what is asked of it.
struct OneLane {
    static constexpr std::size_t kLanes = 1;
    using Choice = std::uint64_t;  ///< all ones or zero

    std::uint64_t word;

    static OneLane all(std::uint64_t value) { return {value}; }
    static OneLane load(const std::uint64_t* words) { return {*words}; }
    void store(std::uint64_t* words) const { *words = word; }

    friend OneLane operator+(const OneLane& a, const OneLane& b) { return {a.word + b.word}; }
    friend OneLane operator-(const OneLane& a, const OneLane& b) { return {a.word - b.word}; }
    friend OneLane operator&(const OneLane& a, const OneLane& b) { return {a.word & b.word}; }
    friend OneLane operator|(const OneLane& a, const OneLane& b) { return {a.word | b.word}; }
    template <int kBits>
    static OneLane left(const OneLane& a) {
        return {a.word << kBits};
    }
    template <int kBits>
    static OneLane right(const OneLane& a) {
        return {a.word >> kBits};
    }
    static OneLane add_low(const OneLane& sum, const OneLane& a, const OneLane& b) {
        return {sum.word + (static_cast<std::uint64_t>(product(a, b)) & kFactorMask)};
    }
    static OneLane add_high(const OneLane& sum, const OneLane& a, const OneLane& b) {
        return {sum.word + static_cast<std::uint64_t>(product(a, b) >> kFactorBits)};
    }

    static Choice is_zero(const OneLane& a) { return ((a.word | (0 - a.word)) >> 63) - 1; }
    static Choice bit(const OneLane& a, int position) { return 0 - (a.word >> position & 1); }
    static Choice differ(Choice a, Choice b) { return a ^ b; }
    static OneLane choose(Choice choice, const OneLane& if_set, const OneLane& if_clear) {
        return {(if_set.word & choice) | (if_clear.word & ~choice)};
    }

  private:
    __extension__ using Wide = unsigned __int128;
    static constexpr int kFactorBits = 52;
    static constexpr std::uint64_t kFactorMask = (std::uint64_t{1} << kFactorBits) - 1;

    static Wide product(const OneLane& a, const OneLane& b) {
        return Wide{a.word & kFactorMask} * (b.word & kFactorMask);
    }
};

}  // namespace ringway::tests
