#pragma once

// ChaCha20 (RFC 8439) over lanes: word w of the state of every lane lies in one vector. A template
// over the vector type, so that the same text is compiled for AVX-512, for AVX2, and for plain integers
// whose use of secrets valgrind can follow (tests/crypto/plain_lanes.h).

#include "crypto/prefetch.h"
#include "crypto/simd/kernel.h"

namespace ringway::crypto::simd {
namespace {

/// x[to] = rotate(x[to] ^ (x[sum] += x[addend]), kBits) for the four quarter rounds of a round, side by
/// side: rows are four words, and `kShift` turns columns (0) into diagonals (1).
template <typename Isa, unsigned kGroups, unsigned kShift, unsigned kSum, unsigned kAddend, unsigned kTo,
          unsigned kBits>
[[gnu::always_inline]] inline void chacha20_step(typename Isa::Words (&x)[kGroups][16]) {
#pragma GCC unroll 2
    for (unsigned g = 0; g < kGroups; ++g) {
#pragma GCC unroll 4
        for (unsigned i = 0; i < 4; ++i) {
            auto& sum = x[g][4 * kSum + (i + kSum * kShift) % 4];
            Isa::add_to(sum, x[g][4 * kAddend + (i + kAddend * kShift) % 4]);
        }
    }
#pragma GCC unroll 2
    for (unsigned g = 0; g < kGroups; ++g) {
#pragma GCC unroll 4
        for (unsigned i = 0; i < 4; ++i) {
            auto& to = x[g][4 * kTo + (i + kTo * kShift) % 4];
            auto& sum = x[g][4 * kSum + (i + kSum * kShift) % 4];
            Isa::template mix<kBits>(to, sum);
        }
    }
}

template <typename Isa, unsigned kGroups, unsigned kShift>
[[gnu::always_inline]] inline void chacha20_round(typename Isa::Words (&x)[kGroups][16]) {
    chacha20_step<Isa, kGroups, kShift, 0, 1, 3, 16>(x);
    chacha20_step<Isa, kGroups, kShift, 2, 3, 1, 12>(x);
    chacha20_step<Isa, kGroups, kShift, 0, 1, 3, 8>(x);
    chacha20_step<Isa, kGroups, kShift, 2, 3, 1, 7>(x);
}

/// What a pass holds in memory: the state that it starts from, and the state after the rounds.
template <typename Isa, unsigned kGroups>
struct ChaChaStates {
    typename Isa::Words before[kGroups][16];
    typename Isa::Words after[kGroups][16];
};

template <typename Isa>
[[gnu::always_inline]] inline void chacha20_begin(typename Isa::Words (&x)[16], const ChaChaGroup& group) {
    constexpr std::uint32_t kConstants[4] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};
#pragma GCC unroll 4
    for (unsigned w = 0; w < 4; ++w)
        x[w] = Isa::broadcast(kConstants[w]);
    x[13] = Isa::broadcast(group.nonce_begin);
    if (group.one_packet) {
#pragma GCC unroll 8
        for (unsigned w = 0; w < 8; ++w)
            x[4 + w] = Isa::broadcast_from(group.key[0] + 4 * w);
        x[12] = Isa::add(Isa::broadcast(group.block[0]), Isa::lane_numbers());
        x[14] = Isa::broadcast(group.counter_low[0]);
        x[15] = Isa::broadcast(group.counter_high[0]);
    } else {
        Isa::load_keys(&x[4], group.key);
        x[12] = Isa::load(group.block);
        x[14] = Isa::load(group.counter_low);
        x[15] = Isa::load(group.counter_high);
    }
}

/// Fetches a share of the lanes that another pass will read. All at once they would fill the CPU's buffers
/// for lines under way; spread over the rounds they come for nothing, even from the cache of another CPU. The
/// last turns fetch the first lanes again: cheaper than a jump.
template <typename Isa, unsigned kGroups>
[[gnu::always_inline]] inline void fetch_ahead(const std::uint8_t* const* const (&ahead)[kGroups],
                                               unsigned turn) {
    constexpr unsigned kTurns = kMaxChaChaLanes / 2;
    constexpr unsigned kLanes = (Isa::kWordLanes + kTurns - 1) / kTurns;
#pragma GCC unroll 2
    for (unsigned g = 0; g < kGroups; ++g) {
#pragma GCC unroll 2
        for (unsigned i = 0; i < kLanes; ++i)
            prefetch_to_write(ahead[g][(turn * kLanes + i) % Isa::kWordLanes]);
    }
}

/// Not inlined: on its own, all of the state stays in registers.
template <typename Isa, unsigned kGroups>
[[gnu::noinline]] void chacha20_rounds(ChaChaStates<Isa, kGroups>& states,
                                       const std::uint8_t* const* const (&ahead)[kGroups]) {
    typename Isa::Words x[kGroups][16];
#pragma GCC unroll 2
    for (unsigned g = 0; g < kGroups; ++g) {
#pragma GCC unroll 16
        for (unsigned w = 0; w < 16; ++w)
            x[g][w] = states.before[g][w];
    }
#pragma GCC unroll 1
    for (unsigned twice = 0; twice < 10; ++twice) {
        fetch_ahead<Isa, kGroups>(ahead, twice);
        chacha20_round<Isa, kGroups, 0>(x);
        chacha20_round<Isa, kGroups, 1>(x);
    }
#pragma GCC unroll 2
    for (unsigned g = 0; g < kGroups; ++g) {
#pragma GCC unroll 16
        for (unsigned w = 0; w < 16; ++w)
            states.after[g][w] = x[g][w];
    }
}

template <typename Isa, unsigned kGroups>
[[gnu::always_inline]] inline void chacha20_pass(const ChaChaGroup* const (&groups)[kGroups],
                                                 KernelScratch& scratch) {
    using States = ChaChaStates<Isa, kGroups>;
    static_assert(sizeof(States) <= sizeof(scratch.states));
    States& states = *reinterpret_cast<States*>(scratch.states);
    const std::uint8_t* const* ahead[kGroups];
    for (unsigned g = 0; g < kGroups; ++g) {
        chacha20_begin<Isa>(states.before[g], *groups[g]);
        ahead[g] = groups[g]->ahead->source;
    }
    chacha20_rounds<Isa, kGroups>(states, ahead);
    for (unsigned g = 0; g < kGroups; ++g) {
        typename Isa::Words x[16];
#pragma GCC unroll 16
        for (unsigned w = 0; w < 16; ++w)
            x[w] = Isa::add(states.after[g][w], states.before[g][w]);
        Isa::exclusive_or_rows(x, *groups[g], scratch.partly);
    }
}

}  // namespace
}  // namespace ringway::crypto::simd
