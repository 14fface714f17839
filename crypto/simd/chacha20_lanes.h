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

/// Of the block at `offset`, how many bytes a lane's packet has: 0 to 64.
[[gnu::always_inline]] inline std::uint32_t bytes_of_block(const PacketLanes& packets, unsigned lane,
                                                           std::uint32_t offset) {
    const std::uint64_t left = packets.length[lane] < offset ? 0 : packets.length[lane] - offset;
    return static_cast<std::uint32_t>(left > kChaChaBlockBytes ? kChaChaBlockBytes : left);
}

/// What a pass holds in memory: the state that it starts from, and the state after the rounds.
template <typename Isa, unsigned kGroups>
struct ChaChaStates {
    typename Isa::Words before[kGroups][16];
    typename Isa::Words after[kGroups][16];
};

template <typename Isa>
[[gnu::always_inline]] inline void chacha20_constants(typename Isa::Words (&x)[16]) {
    constexpr std::uint32_t kConstants[4] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};
#pragma GCC unroll 4
    for (unsigned w = 0; w < 4; ++w)
        x[w] = Isa::broadcast(kConstants[w]);
}

template <typename Isa>
[[gnu::always_inline]] inline void chacha20_begin(typename Isa::Words (&x)[16], const ChaChaGroup& group) {
    chacha20_constants<Isa>(x);
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

/// What another pass will read of a vector of lanes.
struct Ahead {
    const std::uint8_t* const* lanes;
    std::size_t offset;
};

/// Fetches a share of it. All at once it would fill the CPU's buffers for lines under way; spread over the
/// rounds it comes for nothing, even from the cache of another CPU. The last turns fetch the first lanes
/// again: cheaper than a jump.
template <typename Isa, unsigned kGroups>
[[gnu::always_inline]] inline void fetch_ahead(const Ahead (&ahead)[kGroups], unsigned turn) {
    constexpr unsigned kTurns = kMaxChaChaLanes / 2;
    constexpr unsigned kLanes = (Isa::kWordLanes + kTurns - 1) / kTurns;
#pragma GCC unroll 2
    for (unsigned g = 0; g < kGroups; ++g) {
#pragma GCC unroll 2
        for (unsigned i = 0; i < kLanes; ++i)
            prefetch_to_write(ahead[g].lanes[(turn * kLanes + i) % Isa::kWordLanes] + ahead[g].offset);
    }
}

/// Not inlined: on its own, all of the state stays in registers.
template <typename Isa, unsigned kGroups>
[[gnu::noinline]] void chacha20_rounds(ChaChaStates<Isa, kGroups>& states, const Ahead (&ahead)[kGroups]) {
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
    Ahead ahead[kGroups];
    for (unsigned g = 0; g < kGroups; ++g) {
        chacha20_begin<Isa>(states.before[g], *groups[g]);
        ahead[g] = {groups[g]->ahead->source, 0};
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

/// The first pass over packets that have a lane each: what it leaves in `scratch`, the next ones go on with.
template <typename Isa>
[[gnu::always_inline]] inline void chacha20_packets_begin(const PacketLanes& packets, PolyKeySlot* keys,
                                                          KernelScratch& scratch) {
    constexpr unsigned kGroups = Isa::kChaChaGroups;
    using States = ChaChaStates<Isa, kGroups>;
    static_assert(sizeof(States) <= sizeof(scratch.states));
    States& states = *reinterpret_cast<States*>(scratch.states);
    typename Isa::Words x[16];
    chacha20_constants<Isa>(x);
    Isa::load_keys(&x[4], packets.key);
    x[13] = Isa::broadcast(packets.nonce_begin);
    x[14] = Isa::load(packets.counter_low);
    x[15] = Isa::load(packets.counter_high);
    Ahead ahead[kGroups];
    for (unsigned g = 0; g < kGroups; ++g) {
        x[12] = Isa::broadcast(g);
#pragma GCC unroll 16
        for (unsigned w = 0; w < 16; ++w)
            states.before[g][w] = x[w];
        ahead[g] = {packets.source, kChaChaBlockBytes * g};
    }
    chacha20_rounds<Isa, kGroups>(states, ahead);
    typename Isa::Words key[8];
#pragma GCC unroll 8
    for (unsigned w = 0; w < 8; ++w)
        key[w] = Isa::add(states.after[0][w], states.before[0][w]);
    Isa::store_poly_keys(key, keys);
}

/// What the rounds made of vector `g`, onto the packets' data from `offset` on.
template <typename Isa, unsigned kGroups>
[[gnu::always_inline]] inline void chacha20_packets_apply(const ChaChaStates<Isa, kGroups>& states,
                                                          unsigned g, const PacketLanes& packets,
                                                          std::uint32_t offset, KernelScratch& scratch) {
    typename Isa::Words x[16];
#pragma GCC unroll 16
    for (unsigned w = 0; w < 16; ++w)
        x[w] = Isa::add(states.after[g][w], states.before[g][w]);
    Isa::exclusive_or_packets(x, packets, offset, scratch.partly);
}

/// The next kGroups blocks of every packet, of the data from `offset` on.
template <typename Isa, unsigned kGroups>
[[gnu::always_inline]] inline void chacha20_packets_pass(const PacketLanes& packets, std::uint32_t offset,
                                                         KernelScratch& scratch) {
    auto& states = *reinterpret_cast<ChaChaStates<Isa, kGroups>*>(scratch.states);
    const std::uint32_t next = offset + kGroups * kChaChaBlockBytes;
    Ahead ahead[kGroups];
#pragma GCC unroll 2
    for (unsigned g = 0; g < kGroups; ++g) {
        states.before[g][12] = Isa::broadcast(offset / kChaChaBlockBytes + 1 + g);
        ahead[g] = {packets.source, next + g * kChaChaBlockBytes};
        if (next >= packets.longest) ahead[g] = {packets.ahead->source, g * kChaChaBlockBytes};
    }
    chacha20_rounds<Isa, kGroups>(states, ahead);
#pragma GCC unroll 2
    for (unsigned g = 0; g < kGroups; ++g)
        chacha20_packets_apply<Isa>(states, g, packets, offset + g * kChaChaBlockBytes, scratch);
}

/// All data of the packets, after chacha20_packets_begin().
template <typename Isa>
[[gnu::always_inline]] inline void chacha20_packets(const PacketLanes& packets, KernelScratch& scratch) {
    std::uint32_t offset = 0;
    if constexpr (Isa::kChaChaGroups == 2) {
        const auto& states = *reinterpret_cast<const ChaChaStates<Isa, 2>*>(scratch.states);
        if (packets.longest > 0) chacha20_packets_apply<Isa>(states, 1, packets, 0, scratch);
        offset = kChaChaBlockBytes;
        for (; offset + kChaChaBlockBytes < packets.longest; offset += 2 * kChaChaBlockBytes)
            chacha20_packets_pass<Isa, 2>(packets, offset, scratch);
    }
    for (; offset < packets.longest; offset += kChaChaBlockBytes)
        chacha20_packets_pass<Isa, 1>(packets, offset, scratch);
}

}  // namespace
}  // namespace ringway::crypto::simd
