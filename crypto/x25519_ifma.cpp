// The only source that is built for AVX-512 IFMA: everything in it but x25519_ifma() has internal linkage,
// so that the linker can't give its code to a source that was built for any CPU.

#include "crypto/x25519_ifma.h"

#include <immintrin.h>
#include <sodium.h>

#include "crypto/x25519_ladder.h"

namespace ringway::crypto {
namespace {

/// Eight 64-bit lanes.
struct Vector {
    static constexpr std::size_t kLanes = 8;
    using Choice = __mmask8;
    using Lanes = std::uint64_t __attribute__((vector_size(64)));

    Lanes lanes;

    [[gnu::always_inline]] static Vector all(std::uint64_t word) { return {Lanes{} + word}; }
    [[gnu::always_inline]] static Vector load(const std::uint64_t* words) {
        return {*reinterpret_cast<const Lanes*>(words)};
    }
    [[gnu::always_inline]] void store(std::uint64_t* words) const {
        *reinterpret_cast<Lanes*>(words) = lanes;
    }

    [[gnu::always_inline]] friend Vector operator+(const Vector& a, const Vector& b) {
        return {a.lanes + b.lanes};
    }
    [[gnu::always_inline]] friend Vector operator-(const Vector& a, const Vector& b) {
        return {a.lanes - b.lanes};
    }
    [[gnu::always_inline]] friend Vector operator&(const Vector& a, const Vector& b) {
        return {a.lanes & b.lanes};
    }
    [[gnu::always_inline]] friend Vector operator|(const Vector& a, const Vector& b) {
        return {a.lanes | b.lanes};
    }
    template <int kBits>
    [[gnu::always_inline]] static Vector left(const Vector& a) {
        Lanes shifted = a.lanes << kBits;
        // Else clang makes one multiplication of a shift and an addition, and a slow one.
        asm("" : "+v"(shifted));
        return {shifted};
    }
    template <int kBits>
    [[gnu::always_inline]] static Vector right(const Vector& a) {
        return {a.lanes >> kBits};
    }
    [[gnu::always_inline]] static Vector add_low(const Vector& sum, const Vector& a, const Vector& b) {
        return {Lanes(_mm512_madd52lo_epu64(__m512i(sum.lanes), __m512i(a.lanes), __m512i(b.lanes)))};
    }
    [[gnu::always_inline]] static Vector add_high(const Vector& sum, const Vector& a, const Vector& b) {
        return {Lanes(_mm512_madd52hi_epu64(__m512i(sum.lanes), __m512i(a.lanes), __m512i(b.lanes)))};
    }

    [[gnu::always_inline]] static Choice is_zero(const Vector& a) {
        return _mm512_testn_epi64_mask(__m512i(a.lanes), __m512i(a.lanes));
    }
    [[gnu::always_inline]] static Choice bit(const Vector& a, int position) {
        return _mm512_test_epi64_mask(__m512i(a.lanes), __m512i(all(std::uint64_t{1} << position).lanes));
    }
    [[gnu::always_inline]] static Choice differ(Choice a, Choice b) { return static_cast<Choice>(a ^ b); }
    [[gnu::always_inline]] static Vector choose(Choice choice, const Vector& if_set, const Vector& if_clear) {
        return {Lanes(_mm512_mask_mov_epi64(__m512i(if_clear.lanes), choice, __m512i(if_set.lanes)))};
    }
};

/// The calling convention lets a function leave in them what it likes.
[[gnu::always_inline]] inline void clear_registers() {
    asm volatile(
        "vzeroall\n"  // the first sixteen
        "vpxorq %%zmm16, %%zmm16, %%zmm16\n"
        "vpxorq %%zmm17, %%zmm17, %%zmm17\n"
        "vpxorq %%zmm18, %%zmm18, %%zmm18\n"
        "vpxorq %%zmm19, %%zmm19, %%zmm19\n"
        "vpxorq %%zmm20, %%zmm20, %%zmm20\n"
        "vpxorq %%zmm21, %%zmm21, %%zmm21\n"
        "vpxorq %%zmm22, %%zmm22, %%zmm22\n"
        "vpxorq %%zmm23, %%zmm23, %%zmm23\n"
        "vpxorq %%zmm24, %%zmm24, %%zmm24\n"
        "vpxorq %%zmm25, %%zmm25, %%zmm25\n"
        "vpxorq %%zmm26, %%zmm26, %%zmm26\n"
        "vpxorq %%zmm27, %%zmm27, %%zmm27\n"
        "vpxorq %%zmm28, %%zmm28, %%zmm28\n"
        "vpxorq %%zmm29, %%zmm29, %%zmm29\n"
        "vpxorq %%zmm30, %%zmm30, %%zmm30\n"
        "vpxorq %%zmm31, %%zmm31, %%zmm31\n"
        :
        :
        : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11",
          "xmm12", "xmm13", "xmm14", "xmm15", "xmm16", "xmm17", "xmm18", "xmm19", "xmm20", "xmm21", "xmm22",
          "xmm23", "xmm24", "xmm25", "xmm26", "xmm27", "xmm28", "xmm29", "xmm30", "xmm31");
}

}  // namespace

void x25519_ifma(const X25519Lane* lanes, std::size_t count) {
    LadderWork<Vector> work;
    x25519_in_lanes(work, lanes, count);
    sodium_memzero(&work, sizeof(work));
    clear_registers();
}

}  // namespace ringway::crypto
