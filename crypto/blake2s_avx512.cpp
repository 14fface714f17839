// The only source that is built for AVX-512 VL: everything in it but the function has internal linkage, so
// that the linker can't give its code to a source that was built for any CPU.

#include <immintrin.h>

#include "crypto/blake2s_compress.h"

namespace ringway::crypto {
namespace {

/// The state's 4 x 4 words, a row to a vector. Mixes the four columns.
struct Rows {
    __m128i a, b, c, d;

    [[gnu::always_inline]] void mix(const __m256i& x_and_y) {
        half<16, 12>(_mm256_castsi256_si128(x_and_y));
        half<8, 7>(_mm256_extracti128_si256(x_and_y, 1));
    }
    /// Lines up the diagonals. Row b, which is ready last, stays where it is, and the others come to it.
    [[gnu::always_inline]] void to_diagonals() {
        a = _mm_shuffle_epi32(a, _MM_SHUFFLE(2, 1, 0, 3));
        c = _mm_shuffle_epi32(c, _MM_SHUFFLE(0, 3, 2, 1));
        d = _mm_shuffle_epi32(d, _MM_SHUFFLE(1, 0, 3, 2));
    }
    [[gnu::always_inline]] void to_columns() {
        a = _mm_shuffle_epi32(a, _MM_SHUFFLE(0, 3, 2, 1));
        c = _mm_shuffle_epi32(c, _MM_SHUFFLE(2, 1, 0, 3));
        d = _mm_shuffle_epi32(d, _MM_SHUFFLE(1, 0, 3, 2));
    }

  private:
    template <int kFirst, int kSecond>
    [[gnu::always_inline]] void half(const __m128i& words) {
        a = _mm_add_epi32(_mm_add_epi32(a, words), b);
        d = _mm_ror_epi32(_mm_xor_si128(d, a), kFirst);
        c = _mm_add_epi32(c, d);
        b = _mm_ror_epi32(_mm_xor_si128(b, c), kSecond);
    }
};

/// The message words of half a round as a choice among the sixteen: x of the four columns and their y, or x
/// and y of the diagonals, which begin at the last because row b stays.
struct Orders {
    alignas(32) std::uint32_t columns[10][8];
    alignas(32) std::uint32_t diagonals[10][8];
};
constexpr Orders make_orders() {
    Orders orders{};
    for (int round = 0; round < 10; ++round) {
        for (int i = 0; i < 8; ++i) {
            const int place = 4 * (i % 2) + i / 2;
            const int after = 4 * (i % 2) + (i / 2 + 1) % 4;
            orders.columns[round][place] = kBlake2sOrder[round][i];
            orders.diagonals[round][after] = kBlake2sOrder[round][8 + i];
        }
    }
    return orders;
}
constexpr Orders kOrders = make_orders();

[[gnu::always_inline]] inline __m128i load(const std::uint32_t* words) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(words));
}
[[gnu::always_inline]] inline __m256i load_eight(const void* words) {
    return _mm256_loadu_si256(static_cast<const __m256i*>(words));
}
[[gnu::always_inline]] inline void store(std::uint32_t* words, const __m128i& row) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(words), row);
}

}  // namespace

void blake2s_compress_avx512(std::uint32_t* state, const std::uint8_t* block, std::uint64_t count,
                             bool last) {
    const __m256i low = load_eight(block);
    const __m256i high = load_eight(block + 32);
    const __m128i first = load(state);
    const __m128i second = load(state + 4);
    const __m128i about =
        _mm_set_epi32(0, last ? -1 : 0, static_cast<int>(count >> 32), static_cast<int>(count));
    Rows rows{first, second, load(kBlake2sInitial), _mm_xor_si128(load(kBlake2sInitial + 4), about)};
#pragma GCC unroll 10
    for (int round = 0; round < 10; ++round) {
        rows.mix(_mm256_permutex2var_epi32(low, load_eight(kOrders.columns[round]), high));
        rows.to_diagonals();
        rows.mix(_mm256_permutex2var_epi32(low, load_eight(kOrders.diagonals[round]), high));
        rows.to_columns();
    }
    constexpr int kXorOfThree = 0x96;
    store(state, _mm_ternarylogic_epi32(first, rows.a, rows.c, kXorOfThree));
    store(state + 4, _mm_ternarylogic_epi32(second, rows.b, rows.d, kXorOfThree));
}

}  // namespace ringway::crypto
