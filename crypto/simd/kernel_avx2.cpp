// The kernels for AVX2. This file alone is compiled for it: see kernel.h. Nothing here reads memory at
// an address, or jumps, by what is in a packet or a key.

#include <immintrin.h>

#include "crypto/simd/chacha20_lanes.h"
#include "crypto/simd/kernels.h"
#include "crypto/simd/poly1305_26.h"

namespace ringway::crypto::simd {
namespace {

struct Avx2 {
    static constexpr unsigned kWordLanes = 8;
    static constexpr unsigned kPolyLanes = 4;
    static constexpr unsigned kChaChaGroups = 1;  ///< sixteen registers hold no more
    using Words = __m256i;
    using Quads = __m256i;

    static Words add(Words a, Words b) { return _mm256_add_epi32(a, b); }
    static void add_to(Words& sum, Words a) { sum = _mm256_add_epi32(sum, a); }
    template <unsigned kBits>
    static void mix(Words& to, Words a);
    static Words broadcast(std::uint32_t word) { return _mm256_set1_epi32(static_cast<int>(word)); }
    static Words broadcast_from(const std::uint8_t* word) {
        int value;
        __builtin_memcpy(&value, word, sizeof(value));
        return _mm256_set1_epi32(value);
    }
    static Words lane_numbers() { return _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7); }
    static Words load(const std::uint32_t* from) { return load_bytes(from); }

    static Quads add64(Quads a, Quads b) { return _mm256_add_epi64(a, b); }
    static Quads subtract64(Quads a, Quads b) { return _mm256_sub_epi64(a, b); }
    static Quads bit_and(Quads a, Quads b) { return _mm256_and_si256(a, b); }
    static Quads and_not(Quads not_this, Quads b) { return _mm256_andnot_si256(not_this, b); }
    static Quads bit_or(Quads a, Quads b) { return _mm256_or_si256(a, b); }
    static Quads exclusive_or64(Quads a, Quads b) { return _mm256_xor_si256(a, b); }
    template <unsigned kBits>
    static Quads shift_left(Quads a) {
        return _mm256_slli_epi64(a, kBits);
    }
    template <unsigned kBits>
    static Quads shift_right(Quads a) {
        return _mm256_srli_epi64(a, kBits);
    }
    static Quads multiply(Quads a, Quads b) { return _mm256_mul_epu32(a, b); }
    static Quads broadcast64(std::uint64_t value) {
        return _mm256_set1_epi64x(static_cast<long long>(value));
    }
    static Quads load64(const std::uint64_t* from) { return load_bytes(from); }

    static void load_keys(Words* key, const std::uint8_t* const* from);
    static void exclusive_or_rows(const Words (&x)[16], const ChaChaGroup& group, std::uint8_t* partly);
    static void exclusive_or_packets(const Words (&x)[16], const PacketLanes& packets, std::uint32_t offset,
                                     std::uint8_t* partly);
    static void store_poly_keys(const Words (&key)[8], PolyKeySlot* to);
    static void load_poly_keys(Quads (&words)[4], const PolyKeySlot* from);
    static void store_tags(const Quads (&tag)[2], PolyTag* tags);

    template <typename Course>
    static void load_block(Quads (&block)[2], const Course& course, std::int64_t offset);
    template <typename Course>
    static Quads load_block_partly(Quads (&block)[2], const Course& course, std::int64_t offset,
                                   std::uint64_t top);

    static __m256i load_bytes(const void* from) {
        return _mm256_loadu_si256(static_cast<const __m256i*>(from));
    }
    static void store_bytes(void* to, __m256i value) {
        _mm256_storeu_si256(static_cast<__m256i*>(to), value);
    }
};

template <unsigned kBits>
[[gnu::always_inline]] inline void Avx2::mix(Words& to, Words a) {
    to = _mm256_xor_si256(to, a);
    if constexpr (kBits == 16) {
        to = _mm256_shuffle_epi8(to, _mm256_setr_epi8(2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13, 2,
                                                      3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13));
    } else if constexpr (kBits == 8) {
        to = _mm256_shuffle_epi8(to, _mm256_setr_epi8(3, 0, 1, 2, 7, 4, 5, 6, 11, 8, 9, 10, 15, 12, 13, 14, 3,
                                                      0, 1, 2, 7, 4, 5, 6, 11, 8, 9, 10, 15, 12, 13, 14));
    } else {
        to = _mm256_or_si256(_mm256_slli_epi32(to, kBits), _mm256_srli_epi32(to, 32 - kBits));
    }
}

/// Eight vectors of eight words, as a matrix.
[[gnu::always_inline]] inline void transpose_words(__m256i (&x)[8]) {
    __m256i pairs[8];
#pragma GCC unroll 4
    for (unsigned i = 0; i < 4; ++i) {
        pairs[2 * i] = _mm256_unpacklo_epi32(x[2 * i], x[2 * i + 1]);
        pairs[2 * i + 1] = _mm256_unpackhi_epi32(x[2 * i], x[2 * i + 1]);
    }
    __m256i fours[8];  // rows 0 1 2 3 of the first four vectors, then of the others, in each half
#pragma GCC unroll 2
    for (unsigned i = 0; i < 8; i += 4) {
        fours[i] = _mm256_unpacklo_epi64(pairs[i], pairs[i + 2]);
        fours[i + 1] = _mm256_unpackhi_epi64(pairs[i], pairs[i + 2]);
        fours[i + 2] = _mm256_unpacklo_epi64(pairs[i + 1], pairs[i + 3]);
        fours[i + 3] = _mm256_unpackhi_epi64(pairs[i + 1], pairs[i + 3]);
    }
#pragma GCC unroll 4
    for (unsigned i = 0; i < 4; ++i) {
        x[i] = _mm256_permute2x128_si256(fours[i], fours[i + 4], 0x20);
        x[i + 4] = _mm256_permute2x128_si256(fours[i], fours[i + 4], 0x31);
    }
}

[[gnu::always_inline]] inline void Avx2::load_keys(Words* key, const std::uint8_t* const* from) {
    __m256i x[8];
#pragma GCC unroll 8
    for (unsigned lane = 0; lane < 8; ++lane)
        x[lane] = load_bytes(from[lane]);
    transpose_words(x);
#pragma GCC unroll 8
    for (unsigned w = 0; w < 8; ++w)
        key[w] = x[w];
}

/// Sixteen words of eight lanes become two halves of a row of 64 bytes for each lane.
[[gnu::always_inline]] inline void rows_of(const __m256i (&x)[16], __m256i (&halves)[2][8]) {
#pragma GCC unroll 2
    for (unsigned half = 0; half < 2; ++half) {
#pragma GCC unroll 8
        for (unsigned w = 0; w < 8; ++w)
            halves[half][w] = x[8 * half + w];
        transpose_words(halves[half]);
    }
}

/// There are no byte masks here: what is not a whole block goes through `partly`, 64 bytes.
[[gnu::always_inline]] inline void exclusive_or_row(__m256i low, __m256i high, const std::uint8_t* source,
                                                    std::uint8_t* destination, std::uint32_t bytes,
                                                    std::uint8_t* partly) {
    const bool is_whole = bytes == kChaChaBlockBytes;
    const std::uint8_t* from = source;
    std::uint8_t* to = destination;
    if (!is_whole) {
        __builtin_memcpy(partly, source, bytes);
        from = to = partly;
    }
    low = _mm256_xor_si256(low, Avx2::load_bytes(from));
    high = _mm256_xor_si256(high, Avx2::load_bytes(from + 32));
    Avx2::store_bytes(to, low);
    Avx2::store_bytes(to + 32, high);
    if (!is_whole) __builtin_memcpy(destination, partly, bytes);
}

[[gnu::always_inline]] inline void Avx2::exclusive_or_rows(const Words (&x)[16], const ChaChaGroup& group,
                                                           std::uint8_t* partly) {
    __m256i halves[2][8];
    rows_of(x, halves);
    const std::uint32_t whole = group.one_packet ? 8 : group.whole;
#pragma GCC unroll 8
    for (unsigned lane = 0; lane < 8; ++lane) {
        const std::size_t at = group.one_packet ? lane * kChaChaBlockBytes : 0;
        const unsigned of = group.one_packet ? 0 : lane;
        const std::uint32_t bytes = lane < whole ? kChaChaBlockBytes : group.bytes[lane];
        exclusive_or_row(halves[0][lane], halves[1][lane], group.source[of] + at, group.destination[of] + at,
                         bytes, partly);
    }
}

[[gnu::always_inline]] inline void Avx2::exclusive_or_packets(const Words (&x)[16],
                                                              const PacketLanes& packets,
                                                              std::uint32_t offset, std::uint8_t* partly) {
    __m256i halves[2][8];
    rows_of(x, halves);
#pragma GCC unroll 8
    for (unsigned lane = 0; lane < 8; ++lane) {
        exclusive_or_row(halves[0][lane], halves[1][lane], packets.source[lane] + offset,
                         packets.destination[lane] + offset, bytes_of_block(packets, lane, offset), partly);
    }
}

[[gnu::always_inline]] inline void Avx2::store_poly_keys(const Words (&key)[8], PolyKeySlot* to) {
    __m256i x[8];
#pragma GCC unroll 8
    for (unsigned w = 0; w < 8; ++w)
        x[w] = key[w];
    transpose_words(x);
#pragma GCC unroll 8
    for (unsigned lane = 0; lane < 8; ++lane)
        store_bytes(to[lane].bytes, x[lane]);
}

[[gnu::always_inline]] inline void Avx2::load_poly_keys(Quads (&words)[4], const PolyKeySlot* from) {
    __m256i x[4];
#pragma GCC unroll 4
    for (unsigned lane = 0; lane < 4; ++lane)
        x[lane] = load_bytes(from[lane].bytes);
    const __m256i low01 = _mm256_unpacklo_epi64(x[0], x[1]);  // r low of 0 1, s low of 0 1
    const __m256i high01 = _mm256_unpackhi_epi64(x[0], x[1]);
    const __m256i low23 = _mm256_unpacklo_epi64(x[2], x[3]);
    const __m256i high23 = _mm256_unpackhi_epi64(x[2], x[3]);
    words[0] = _mm256_permute2x128_si256(low01, low23, 0x20);
    words[1] = _mm256_permute2x128_si256(high01, high23, 0x20);
    words[2] = _mm256_permute2x128_si256(low01, low23, 0x31);
    words[3] = _mm256_permute2x128_si256(high01, high23, 0x31);
}

[[gnu::always_inline]] inline void Avx2::store_tags(const Quads (&tag)[2], PolyTag* tags) {
    const __m256i even = _mm256_unpacklo_epi64(tag[0], tag[1]);  // lanes 0 2
    const __m256i odd = _mm256_unpackhi_epi64(tag[0], tag[1]);   // lanes 1 3
    store_bytes(&tags[0], _mm256_permute2x128_si256(even, odd, 0x20));
    store_bytes(&tags[2], _mm256_permute2x128_si256(even, odd, 0x31));
}

/// A block of each of four lanes, as two vectors of quads.
[[gnu::always_inline]] inline void join_blocks(__m256i (&block)[2], const std::uint8_t* const (&at)[4]) {
    const auto two = [](const std::uint8_t* low, const std::uint8_t* high) {
        const __m128i first = _mm_loadu_si128(reinterpret_cast<const __m128i*>(low));
        const __m128i second = _mm_loadu_si128(reinterpret_cast<const __m128i*>(high));
        return _mm256_inserti128_si256(_mm256_castsi128_si256(first), second, 1);
    };
    const __m256i even = two(at[0], at[2]);
    const __m256i odd = two(at[1], at[3]);
    block[0] = _mm256_unpacklo_epi64(even, odd);
    block[1] = _mm256_unpackhi_epi64(even, odd);
}

template <typename Course>
[[gnu::always_inline]] inline void Avx2::load_block(Quads (&block)[2], const Course& course,
                                                    std::int64_t offset) {
    join_blocks(block, {course.place(0, offset), course.place(1, offset), course.place(2, offset),
                        course.place(3, offset)});
}

template <typename Course>
[[gnu::always_inline]] inline __m256i Avx2::load_block_partly(Quads (&block)[2], const Course& course,
                                                              std::int64_t offset, std::uint64_t top) {
    // Ciphertext only: it need not be wiped.
    std::uint8_t copies[4][16] = {};
    alignas(32) std::uint64_t tops[4];
    for (unsigned lane = 0; lane < kPolyLanes; ++lane) {
        const auto range = course.range(lane, offset);
        if (range.begin == 0 && range.end > 0)
            __builtin_memcpy(copies[lane], course.place(lane, offset), range.end);
        tops[lane] = course.start[lane] + offset >= 0 ? top : 0;
    }
    join_blocks(block, {copies[0], copies[1], copies[2], copies[3]});
    return load64(tops);
}

void narrow(const ChaChaGroup& group, KernelScratch& scratch) {
    chacha20_pass<Avx2, 1>({&group}, scratch);
}
/// Sixteen registers hold one group.
void wide(const ChaChaGroup& one, const ChaChaGroup& other, KernelScratch& scratch) {
    narrow(one, scratch);
    narrow(other, scratch);
}
void packets_begin(const PacketLanes& packets, PolyKeySlot* keys, KernelScratch& scratch) {
    chacha20_packets_begin<Avx2>(packets, keys, scratch);
}
void packets_data(const PacketLanes& packets, KernelScratch& scratch) {
    chacha20_packets<Avx2>(packets, scratch);
}
void poly1305(const PolyLanes& lanes, PolyTag* tags) {
    poly1305_pass26<Avx2>(lanes, tags);
}
[[gnu::noinline]] void forget() {
    alignas(32) __m256i stack[kSpillBytes / 32];
    for (__m256i& line : stack)
        line = _mm256_setzero_si256();
    asm volatile("" : : "r"(stack) : "memory");  // the compiler may not leave the stores out
    asm volatile("vzeroall"
                 :
                 :
                 : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10",
                   "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
}

}  // namespace

const Kernel kAvx2Kernel = {"avx2", 8, 8, narrow, wide, packets_begin, packets_data, poly1305, forget};

}  // namespace ringway::crypto::simd
