// The kernels for AVX-512 with IFMA. This file alone is compiled for it: see kernel.h. Nothing here
// reads memory at an address, or jumps, by what is in a packet or a key.

#include <immintrin.h>

#include "crypto/simd/chacha20_lanes.h"
#include "crypto/simd/kernels.h"
#include "crypto/simd/poly1305_44.h"

namespace ringway::crypto::simd {
namespace {

struct Avx512 {
    static constexpr unsigned kWordLanes = 16;
    static constexpr unsigned kPolyLanes = 8;
    static constexpr unsigned kChaChaGroups = 2;
    using Words = __m512i;
    using Quads = __m512i;

    static Words add(Words a, Words b) { return _mm512_add_epi32(a, b); }
    /// Written by hand in place: g++ 12 would put every result in a new register, of which there is none.
    static void add_to(Words& sum, Words a) { asm volatile("vpaddd %1, %0, %0" : "+v"(sum) : "v"(a)); }
    template <unsigned kBits>
    static void mix(Words& to, Words a) {
        asm volatile("vpxord %1, %0, %0\n\tvprold %2, %0, %0" : "+v"(to) : "v"(a), "i"(kBits));
    }
    static Words broadcast(std::uint32_t word) { return _mm512_set1_epi32(static_cast<int>(word)); }
    static Words broadcast_from(const std::uint8_t* word) {
        int value;
        __builtin_memcpy(&value, word, sizeof(value));
        return _mm512_set1_epi32(value);
    }
    static Words lane_numbers() {
        return _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    }
    static Words load(const std::uint32_t* from) { return _mm512_loadu_si512(from); }

    static Quads add64(Quads a, Quads b) { return _mm512_add_epi64(a, b); }
    static Quads subtract64(Quads a, Quads b) { return _mm512_sub_epi64(a, b); }
    static Quads bit_and(Quads a, Quads b) { return _mm512_and_si512(a, b); }
    static Quads and_not(Quads not_this, Quads b) { return _mm512_andnot_si512(not_this, b); }
    static Quads bit_or(Quads a, Quads b) { return _mm512_or_si512(a, b); }
    static Quads exclusive_or64(Quads a, Quads b) { return _mm512_xor_si512(a, b); }
    template <unsigned kBits>
    static Quads shift_left(Quads a) {
        return _mm512_slli_epi64(a, kBits);
    }
    template <unsigned kBits>
    static Quads shift_right(Quads a) {
        return _mm512_srli_epi64(a, kBits);
    }
    template <unsigned kBits>
    static Quads shift_right_pair(Quads low, Quads high) {
        return _mm512_shrdi_epi64(low, high, kBits);
    }
    static Quads broadcast64(std::uint64_t value) { return _mm512_set1_epi64(static_cast<long long>(value)); }
    static Quads load64(const std::uint64_t* from) { return _mm512_loadu_si512(from); }
    static Quads multiply_add_low(Quads sum, Quads a, Quads b) { return _mm512_madd52lo_epu64(sum, a, b); }
    static Quads multiply_add_high(Quads sum, Quads a, Quads b) { return _mm512_madd52hi_epu64(sum, a, b); }

    static void load_keys(Words* key, const std::uint8_t* const* from);
    static void exclusive_or_rows(const Words (&x)[16], const ChaChaGroup& group, std::uint8_t*);
    static void exclusive_or_packets(const Words (&x)[16], const PacketLanes& packets, std::uint32_t offset,
                                     std::uint8_t*);
    static void store_poly_keys(const Words (&key)[8], PolyKeySlot* to);
    static void load_poly_keys(Quads (&words)[4], const PolyKeySlot* from);
    static void store_tags(const Quads (&tag)[2], PolyTag* tags);

    template <typename Course>
    static void load_block(Quads (&block)[2], const Course& course, std::int64_t offset);
    template <typename Course>
    static Quads load_block_partly(Quads (&block)[2], const Course& course, std::int64_t offset,
                                   std::uint64_t top);
    template <typename Course>
    static void load_four_blocks(Quads (&m)[8], const Course& course, std::int64_t offset);
    template <typename Course>
    static void load_four_blocks_partly(Quads (&m)[8], Quads (&tops)[4], const Course& course,
                                        std::int64_t offset, std::uint64_t top);
};

[[gnu::always_inline]] inline __m512i two_halves(const std::uint8_t* low, const std::uint8_t* high) {
    const auto* const first = reinterpret_cast<const __m256i*>(low);
    const auto* const second = reinterpret_cast<const __m256i*>(high);
    return _mm512_inserti64x4(_mm512_castsi256_si512(_mm256_loadu_si256(first)), _mm256_loadu_si256(second),
                              1);
}

/// Within each 128-bit part: four words of four lanes become four lanes of four words.
[[gnu::always_inline]] inline void transpose_words(__m512i (&x)[4]) {
    const __m512i a = _mm512_unpacklo_epi32(x[0], x[1]);
    const __m512i b = _mm512_unpackhi_epi32(x[0], x[1]);
    const __m512i c = _mm512_unpacklo_epi32(x[2], x[3]);
    const __m512i d = _mm512_unpackhi_epi32(x[2], x[3]);
    x[0] = _mm512_unpacklo_epi64(a, c);
    x[1] = _mm512_unpackhi_epi64(a, c);
    x[2] = _mm512_unpacklo_epi64(b, d);
    x[3] = _mm512_unpackhi_epi64(b, d);
}

/// Four vectors of four 128-bit parts, as a matrix.
[[gnu::always_inline]] inline void transpose_parts(__m512i (&x)[4]) {
    const __m512i a = _mm512_shuffle_i32x4(x[0], x[1], 0x88);  // parts 0 and 2 of both
    const __m512i b = _mm512_shuffle_i32x4(x[0], x[1], 0xdd);  // parts 1 and 3 of both
    const __m512i c = _mm512_shuffle_i32x4(x[2], x[3], 0x88);
    const __m512i d = _mm512_shuffle_i32x4(x[2], x[3], 0xdd);
    x[0] = _mm512_shuffle_i32x4(a, c, 0x88);
    x[1] = _mm512_shuffle_i32x4(b, d, 0x88);
    x[2] = _mm512_shuffle_i32x4(a, c, 0xdd);
    x[3] = _mm512_shuffle_i32x4(b, d, 0xdd);
}

[[gnu::always_inline]] inline void Avx512::load_keys(Words* key, const std::uint8_t* const* from) {
    __m512i low[4];   // lanes 0-7: parts are words 0-3 and 4-7 of lane i, and of lane i + 4
    __m512i high[4];  // lanes 8-15
#pragma GCC unroll 4
    for (unsigned i = 0; i < 4; ++i) {
        low[i] = two_halves(from[i], from[i + 4]);
        high[i] = two_halves(from[i + 8], from[i + 12]);
    }
    transpose_words(low);
    transpose_words(high);
#pragma GCC unroll 4
    for (unsigned w = 0; w < 4; ++w) {
        key[w] = _mm512_shuffle_i32x4(low[w], high[w], 0x88);
        key[w + 4] = _mm512_shuffle_i32x4(low[w], high[w], 0xdd);
    }
}

/// Sixteen words of sixteen lanes become a row of 64 bytes for each lane.
[[gnu::always_inline]] inline void rows_of(const __m512i (&x)[16], __m512i (&row)[16]) {
    __m512i quarter[4][4];
#pragma GCC unroll 4
    for (unsigned q = 0; q < 4; ++q) {
#pragma GCC unroll 4
        for (unsigned w = 0; w < 4; ++w)
            quarter[q][w] = x[4 * q + w];
        transpose_words(quarter[q]);
    }
#pragma GCC unroll 4
    for (unsigned k = 0; k < 4; ++k) {
        __m512i parts[4] = {quarter[0][k], quarter[1][k], quarter[2][k], quarter[3][k]};
        transpose_parts(parts);
#pragma GCC unroll 4
        for (unsigned j = 0; j < 4; ++j)
            row[4 * j + k] = parts[j];
    }
}

[[gnu::always_inline]] inline void exclusive_or_partly(__m512i row, const std::uint8_t* source,
                                                       std::uint8_t* destination, std::uint32_t bytes) {
    const __mmask64 there = _bzhi_u64(~0ULL, bytes);
    _mm512_mask_storeu_epi8(destination, there,
                            _mm512_xor_si512(row, _mm512_maskz_loadu_epi8(there, source)));
}

[[gnu::always_inline]] inline void Avx512::exclusive_or_packets(const Words (&x)[16],
                                                                const PacketLanes& packets,
                                                                std::uint32_t offset, std::uint8_t*) {
    __m512i row[16];
    rows_of(x, row);
    if (offset + kChaChaBlockBytes <= packets.shortest) {
#pragma GCC unroll 16
        for (unsigned i = 0; i < 16; ++i) {
            const __m512i source = _mm512_loadu_si512(packets.source[i] + offset);
            _mm512_storeu_si512(packets.destination[i] + offset, _mm512_xor_si512(row[i], source));
        }
        return;
    }
#pragma GCC unroll 16
    for (unsigned i = 0; i < 16; ++i) {
        exclusive_or_partly(row[i], packets.source[i] + offset, packets.destination[i] + offset,
                            bytes_of_block(packets, i, offset));
    }
}

[[gnu::always_inline]] inline void Avx512::exclusive_or_rows(const Words (&x)[16], const ChaChaGroup& group,
                                                             std::uint8_t*) {
    __m512i row[16];
    rows_of(x, row);
    if (group.one_packet) {
#pragma GCC unroll 16
        for (unsigned i = 0; i < 16; ++i) {
            const __m512i source = _mm512_loadu_si512(group.source[0] + kChaChaBlockBytes * i);
            _mm512_storeu_si512(group.destination[0] + kChaChaBlockBytes * i,
                                _mm512_xor_si512(row[i], source));
        }
    } else if (group.whole == 16) {
#pragma GCC unroll 16
        for (unsigned i = 0; i < 16; ++i) {
            const __m512i source = _mm512_loadu_si512(group.source[i]);
            _mm512_storeu_si512(group.destination[i], _mm512_xor_si512(row[i], source));
        }
    } else {
#pragma GCC unroll 16
        for (unsigned i = 0; i < 16; ++i) {
            const std::uint32_t bytes = i < group.whole ? kChaChaBlockBytes : group.bytes[i];
            exclusive_or_partly(row[i], group.source[i], group.destination[i], bytes);
        }
    }
}

[[gnu::always_inline]] inline void Avx512::store_poly_keys(const Words (&key)[8], PolyKeySlot* to) {
    __m512i low[4] = {key[0], key[1], key[2], key[3]};
    __m512i high[4] = {key[4], key[5], key[6], key[7]};
    transpose_words(low);  // 128-bit part j of vector k: the first half of lane 4j + k
    transpose_words(high);
    const __m512i first = _mm512_setr_epi64(0, 1, 8, 9, 2, 3, 10, 11);
    const __m512i second = _mm512_setr_epi64(4, 5, 12, 13, 6, 7, 14, 15);
#pragma GCC unroll 4
    for (unsigned k = 0; k < 4; ++k) {
        const __m512i lanes01 = _mm512_permutex2var_epi64(low[k], first, high[k]);
        const __m512i lanes23 = _mm512_permutex2var_epi64(low[k], second, high[k]);
        const auto store = [&](unsigned j, __m256i value) {
            _mm256_store_si256(reinterpret_cast<__m256i*>(to[4 * j + k].bytes), value);
        };
        store(0, _mm512_castsi512_si256(lanes01));
        store(1, _mm512_extracti64x4_epi64(lanes01, 1));
        store(2, _mm512_castsi512_si256(lanes23));
        store(3, _mm512_extracti64x4_epi64(lanes23, 1));
    }
}

/// Eight vectors of eight quads, as a matrix.
[[gnu::always_inline]] inline void transpose_quads(__m512i (&x)[8]) {
    __m512i even[4];
    __m512i odd[4];
#pragma GCC unroll 4
    for (unsigned i = 0; i < 4; ++i) {
        even[i] = _mm512_unpacklo_epi64(x[2 * i], x[2 * i + 1]);
        odd[i] = _mm512_unpackhi_epi64(x[2 * i], x[2 * i + 1]);
    }
    transpose_parts(even);
    transpose_parts(odd);
#pragma GCC unroll 4
    for (unsigned i = 0; i < 4; ++i) {
        x[2 * i] = even[i];
        x[2 * i + 1] = odd[i];
    }
}

[[gnu::always_inline]] inline void Avx512::load_poly_keys(Quads (&words)[4], const PolyKeySlot* from) {
    __m512i x[4];  // lane 2i and lane 2i + 1 in the order that the two shuffles want
    x[0] = two_halves(from[0].bytes, from[2].bytes);
    x[1] = two_halves(from[1].bytes, from[3].bytes);
    x[2] = two_halves(from[4].bytes, from[6].bytes);
    x[3] = two_halves(from[5].bytes, from[7].bytes);
    const __m512i low01 = _mm512_unpacklo_epi64(x[0], x[1]);  // r low of 0 1, s low of 0 1, of 2 3
    const __m512i high01 = _mm512_unpackhi_epi64(x[0], x[1]);
    const __m512i low45 = _mm512_unpacklo_epi64(x[2], x[3]);
    const __m512i high45 = _mm512_unpackhi_epi64(x[2], x[3]);
    words[0] = _mm512_shuffle_i64x2(low01, low45, 0x88);
    words[1] = _mm512_shuffle_i64x2(high01, high45, 0x88);
    words[2] = _mm512_shuffle_i64x2(low01, low45, 0xdd);
    words[3] = _mm512_shuffle_i64x2(high01, high45, 0xdd);
}

[[gnu::always_inline]] inline void Avx512::store_tags(const Quads (&tag)[2], PolyTag* tags) {
    const __m512i low = _mm512_unpacklo_epi64(tag[0], tag[1]);   // lanes 0 2 4 6
    const __m512i high = _mm512_unpackhi_epi64(tag[0], tag[1]);  // lanes 1 3 5 7
    const __m512i first = _mm512_setr_epi64(0, 1, 8, 9, 2, 3, 10, 11);
    const __m512i second = _mm512_setr_epi64(4, 5, 12, 13, 6, 7, 14, 15);
    _mm512_storeu_si512(&tags[0], _mm512_permutex2var_epi64(low, first, high));
    _mm512_storeu_si512(&tags[4], _mm512_permutex2var_epi64(low, second, high));
}

/// A mask of the bytes of a step that are there.
template <typename Course>
[[gnu::always_inline]] inline std::uint64_t bytes_there(const Course& course, unsigned lane,
                                                        std::int64_t offset) {
    const auto range = course.range(lane, offset);
    return _bzhi_u64(~0ULL, range.end) & ~_bzhi_u64(~0ULL, range.begin);
}

[[gnu::always_inline]] inline __m128i part(const std::uint8_t* from) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
}

/// Four 16-byte blocks in one vector.
[[gnu::always_inline]] inline __m512i four_parts(__m128i a, __m128i b, __m128i c, __m128i d) {
    const __m256i low = _mm256_inserti128_si256(_mm256_castsi128_si256(a), b, 1);
    const __m256i high = _mm256_inserti128_si256(_mm256_castsi128_si256(c), d, 1);
    return _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1);
}

template <typename Course>
[[gnu::always_inline]] inline void Avx512::load_block(Quads (&block)[2], const Course& course,
                                                      std::int64_t offset) {
    const auto at = [&](unsigned lane) { return part(course.place(lane, offset)); };
    const __m512i even = four_parts(at(0), at(2), at(4), at(6));
    const __m512i odd = four_parts(at(1), at(3), at(5), at(7));
    block[0] = _mm512_unpacklo_epi64(even, odd);
    block[1] = _mm512_unpackhi_epi64(even, odd);
}

template <typename Course>
[[gnu::always_inline]] inline __m512i Avx512::load_block_partly(Quads (&block)[2], const Course& course,
                                                                std::int64_t offset, std::uint64_t top) {
    unsigned begun = 0;
    for (unsigned lane = 0; lane < kPolyLanes; ++lane)
        begun |= static_cast<unsigned>(course.start[lane] + offset >= 0) << lane;
    const auto at = [&](unsigned lane) {
        return _mm_maskz_loadu_epi8(static_cast<__mmask16>(bytes_there(course, lane, offset)),
                                    course.place(lane, offset));
    };
    const __m512i even = four_parts(at(0), at(2), at(4), at(6));
    const __m512i odd = four_parts(at(1), at(3), at(5), at(7));
    block[0] = _mm512_unpacklo_epi64(even, odd);
    block[1] = _mm512_unpackhi_epi64(even, odd);
    return _mm512_maskz_set1_epi64(static_cast<__mmask8>(begun), static_cast<long long>(top));
}

template <typename Course>
[[gnu::always_inline]] inline void Avx512::load_four_blocks(Quads (&m)[8], const Course& course,
                                                            std::int64_t offset) {
#pragma GCC unroll 8
    for (unsigned lane = 0; lane < 8; ++lane)
        m[lane] = _mm512_loadu_si512(course.place(lane, offset));
    transpose_quads(m);
}

template <typename Course>
[[gnu::always_inline]] inline void Avx512::load_four_blocks_partly(Quads (&m)[8], Quads (&tops)[4],
                                                                   const Course& course, std::int64_t offset,
                                                                   std::uint64_t top) {
#pragma GCC unroll 8
    for (unsigned lane = 0; lane < 8; ++lane)
        m[lane] = _mm512_maskz_loadu_epi8(bytes_there(course, lane, offset), course.place(lane, offset));
    transpose_quads(m);
    const __m512i at = _mm512_add_epi64(_mm512_loadu_si512(course.start), _mm512_set1_epi64(offset));
#pragma GCC unroll 4
    for (unsigned block = 0; block < 4; ++block) {
        const __mmask8 begun = _mm512_cmpge_epi64_mask(at, _mm512_set1_epi64(-16LL * block));
        tops[block] = _mm512_maskz_set1_epi64(begun, static_cast<long long>(top));
    }
}

void narrow(const ChaChaGroup& group, KernelScratch& scratch) {
    chacha20_pass<Avx512, 1>({&group}, scratch);
}
void wide(const ChaChaGroup& one, const ChaChaGroup& other, KernelScratch& scratch) {
    chacha20_pass<Avx512, 2>({&one, &other}, scratch);
}
void packets_begin(const PacketLanes& packets, PolyKeySlot* keys, KernelScratch& scratch) {
    chacha20_packets_begin<Avx512>(packets, keys, scratch);
}
void packets_data(const PacketLanes& packets, KernelScratch& scratch) {
    chacha20_packets<Avx512>(packets, scratch);
}
void poly1305(const PolyLanes& lanes, PolyTag* tags) {
    poly1305_pass<Avx512>(lanes, tags);
}

[[gnu::noinline]] void forget() {
    alignas(64) __m512i stack[kSpillBytes / 64];
    for (__m512i& line : stack)
        line = _mm512_setzero_si512();
    asm volatile("" : : "r"(stack) : "memory");  // the compiler may not leave the stores out
    asm volatile(
        "vpxorq %%xmm16, %%xmm16, %%xmm16\n\t"
        "vpxorq %%xmm17, %%xmm17, %%xmm17\n\t"
        "vpxorq %%xmm18, %%xmm18, %%xmm18\n\t"
        "vpxorq %%xmm19, %%xmm19, %%xmm19\n\t"
        "vpxorq %%xmm20, %%xmm20, %%xmm20\n\t"
        "vpxorq %%xmm21, %%xmm21, %%xmm21\n\t"
        "vpxorq %%xmm22, %%xmm22, %%xmm22\n\t"
        "vpxorq %%xmm23, %%xmm23, %%xmm23\n\t"
        "vpxorq %%xmm24, %%xmm24, %%xmm24\n\t"
        "vpxorq %%xmm25, %%xmm25, %%xmm25\n\t"
        "vpxorq %%xmm26, %%xmm26, %%xmm26\n\t"
        "vpxorq %%xmm27, %%xmm27, %%xmm27\n\t"
        "vpxorq %%xmm28, %%xmm28, %%xmm28\n\t"
        "vpxorq %%xmm29, %%xmm29, %%xmm29\n\t"
        "vpxorq %%xmm30, %%xmm30, %%xmm30\n\t"
        "vpxorq %%xmm31, %%xmm31, %%xmm31\n\t"
        "vzeroall"
        :
        :
        : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11",
          "xmm12", "xmm13", "xmm14", "xmm15", "xmm16", "xmm17", "xmm18", "xmm19", "xmm20", "xmm21", "xmm22",
          "xmm23", "xmm24", "xmm25", "xmm26", "xmm27", "xmm28", "xmm29", "xmm30", "xmm31");
}

}  // namespace

const Kernel kAvx512Kernel = {"avx512", 16, 16, narrow, wide, packets_begin, packets_data, poly1305, forget};

}  // namespace ringway::crypto::simd
