#pragma once

// Arithmetic modulo p = 2^255 - 19, in as many lanes at once as the vector type has, in constant time.
// Five limbs of 51 bits a lane. Included by kernels only: each names its own vector type in an unnamed
// namespace, so that no other source can end up with the code of a kernel.
//
// A vector type `V` of unsigned 64-bit lanes has
//   V::all(word), + - & |, V::left<bits>(a), V::right<bits>(a)
//   V::add_low(sum, a, b), V::add_high(sum, a, b)
//       AVX-512 IFMA's instructions: the low or high 52 bits of the 104-bit product of the low 52 bits of
//       `a` and `b`, added to `sum`
//   V::Choice, one truth value a lane; V::is_zero(a), V::choose(choice, if_set, if_clear)

#include <cstdint>

namespace ringway::crypto {

/// The sum of limb[i] * 2^(51 i). Each limb is below 2^51 + 2^16, so that IFMA takes it whole.
template <typename V>
struct FieldElement {
    V limb[5];
};

/// The same before carrying: each column is below 2^60 when it comes from a product, and below 2^62 in all.
template <typename V>
struct FieldColumns {
    V column[5];
};

inline constexpr int kLimbBits = 51;
inline constexpr std::uint64_t kLimbMask = (std::uint64_t{1} << kLimbBits) - 1;

/// One pass, every limb at once: what is left over is small enough.
template <typename V>
[[gnu::always_inline]] inline FieldElement<V> carry(const FieldColumns<V>& from) {
    const V mask = V::all(kLimbMask);
    V up[5];
#pragma GCC unroll 5
    for (int k = 0; k < 5; ++k)
        up[k] = V::template right<kLimbBits>(from.column[k]);
    FieldElement<V> out;
    out.limb[0] = V::add_low(from.column[0] & mask, up[4], V::all(19));
#pragma GCC unroll 4
    for (int k = 1; k < 5; ++k)
        out.limb[k] = (from.column[k] & mask) + up[k - 1];
    return out;
}

template <typename V>
[[gnu::always_inline]] inline FieldColumns<V> operator+(const FieldColumns<V>& a, const FieldColumns<V>& b) {
    FieldColumns<V> out;
#pragma GCC unroll 5
    for (int k = 0; k < 5; ++k)
        out.column[k] = a.column[k] + b.column[k];
    return out;
}

/// 512 p is added, so that no column falls below zero. REQUIRES: no column of `b` is above 2^60 - 2^14.
template <typename V>
[[gnu::always_inline]] inline FieldColumns<V> operator-(const FieldColumns<V>& a, const FieldColumns<V>& b) {
    FieldColumns<V> out;
#pragma GCC unroll 5
    for (int k = 0; k < 5; ++k) {
        const std::uint64_t multiple = (k == 0 ? kLimbMask - 18 : kLimbMask) << 9;
        out.column[k] = a.column[k] + V::all(multiple) - b.column[k];
    }
    return out;
}

template <typename V>
[[gnu::always_inline]] inline FieldColumns<V> columns_of(const FieldElement<V>& a) {
    return {{a.limb[0], a.limb[1], a.limb[2], a.limb[3], a.limb[4]}};
}

/// Nine times a column: of the 19 that one of 2^255 is worth, 9 are added before a doubling, the last after.
template <typename V>
[[gnu::always_inline]] inline V nine_times(const V& column) {
    return column + V::template left<3>(column);
}

// A product's low half belongs to column i + j, its high half to the next one, doubled: 52 bits and not
// 51 lie below it. Columns 5 to 9 come first; 2^255 = 19, so that they are added to columns 0 to 4.

template <typename V>
[[gnu::always_inline]] inline FieldColumns<V> operator*(const FieldElement<V>& a, const FieldElement<V>& b) {
    V over[5];  // columns 5 to 9
#pragma GCC unroll 5
    for (int k = 0; k < 5; ++k) {
        V sum = V::all(0);
#pragma GCC unroll 5
        for (int i = k; i < 5; ++i)
            sum = V::add_high(sum, a.limb[i], b.limb[k + 4 - i]);
        sum = sum + sum;
#pragma GCC unroll 4
        for (int i = k + 1; i < 5; ++i)
            sum = V::add_low(sum, a.limb[i], b.limb[k + 5 - i]);
        over[k] = sum;
    }
    FieldColumns<V> out;
#pragma GCC unroll 5
    for (int k = 0; k < 5; ++k) {
        V sum = nine_times(over[k]);
#pragma GCC unroll 4
        for (int i = 0; i < k; ++i)
            sum = V::add_high(sum, a.limb[i], b.limb[k - 1 - i]);
        sum = sum + sum + over[k];
#pragma GCC unroll 5
        for (int i = 0; i <= k; ++i)
            sum = V::add_low(sum, a.limb[i], b.limb[k - i]);
        out.column[k] = sum;
    }
    return out;
}

/// The products of two different limbs are counted once and doubled.
template <typename V>
[[gnu::always_inline]] inline FieldColumns<V> square(const FieldElement<V>& a) {
    V over[5];
#pragma GCC unroll 5
    for (int k = 0; k < 5; ++k) {
        V sum = V::all(0);
#pragma GCC unroll 3
        for (int i = k; 2 * i < k + 4; ++i)
            sum = V::add_high(sum, a.limb[i], a.limb[k + 4 - i]);
        sum = sum + sum;
#pragma GCC unroll 3
        for (int i = k + 1; 2 * i < k + 5; ++i)
            sum = V::add_low(sum, a.limb[i], a.limb[k + 5 - i]);
        if (k % 2 == 0) sum = V::add_high(sum, a.limb[(k + 4) / 2], a.limb[(k + 4) / 2]);
        sum = sum + sum;
        if (k % 2 == 1) sum = V::add_low(sum, a.limb[(k + 5) / 2], a.limb[(k + 5) / 2]);
        over[k] = sum;
    }
    FieldColumns<V> out;
#pragma GCC unroll 5
    for (int k = 0; k < 5; ++k) {
        V sum = nine_times(over[k]);
#pragma GCC unroll 3
        for (int i = 0; 2 * i < k - 1; ++i) {
            sum = V::add_high(sum, a.limb[i], a.limb[k - 1 - i]);
            sum = V::add_high(sum, a.limb[i], a.limb[k - 1 - i]);
        }
        if (k % 2 == 1) sum = V::add_high(sum, a.limb[(k - 1) / 2], a.limb[(k - 1) / 2]);
#pragma GCC unroll 3
        for (int i = 0; 2 * i < k; ++i)
            sum = V::add_low(sum, a.limb[i], a.limb[k - i]);
        sum = sum + sum + over[k];
        if (k % 2 == 0) sum = V::add_low(sum, a.limb[k / 2], a.limb[k / 2]);
        out.column[k] = sum;
    }
    return out;
}

/// `sum` + `small` * a. REQUIRES: `small` is below 2^17.
template <typename V>
[[gnu::always_inline]] inline FieldColumns<V> add_multiple(const FieldColumns<V>& sum,
                                                           const FieldElement<V>& a, std::uint64_t small) {
    const V factor = V::all(small);
    FieldColumns<V> out;
#pragma GCC unroll 5
    for (int k = 0; k < 5; ++k) {
        V column = V::add_low(sum.column[k], a.limb[k], factor);
        V up = V::add_high(V::all(0), a.limb[(k + 4) % 5], factor);
        up = up + up;
        out.column[k] = k == 0 ? V::add_low(column, up, V::all(19)) : column + up;
    }
    return out;
}

template <typename V>
[[gnu::always_inline]] inline FieldElement<V> choose(const typename V::Choice& choice,
                                                     const FieldElement<V>& if_set,
                                                     const FieldElement<V>& if_clear) {
    FieldElement<V> out;
#pragma GCC unroll 5
    for (int k = 0; k < 5; ++k)
        out.limb[k] = V::choose(choice, if_set.limb[k], if_clear.limb[k]);
    return out;
}

/// The same number, below p, in limbs below 2^51.
template <typename V>
[[gnu::always_inline]] inline FieldElement<V> reduce(const FieldElement<V>& a) {
    // One if a >= p, as a + 19 then has bit 255.
    V carried = V::template right<kLimbBits>(a.limb[0] + V::all(19));
#pragma GCC unroll 4
    for (int k = 1; k < 5; ++k)
        carried = V::template right<kLimbBits>(a.limb[k] + carried);
    const V mask = V::all(kLimbMask);
    carried = V::add_low(V::all(0), carried, V::all(19));
    FieldElement<V> out;
#pragma GCC unroll 5
    for (int k = 0; k < 5; ++k) {
        const V sum = a.limb[k] + carried;
        out.limb[k] = sum & mask;
        carried = V::template right<kLimbBits>(sum);
    }
    return out;
}

template <typename V>
[[gnu::always_inline]] inline typename V::Choice is_zero(const FieldElement<V>& a) {
    const FieldElement<V> reduced = reduce(a);
    return V::is_zero(reduced.limb[0] | reduced.limb[1] | reduced.limb[2] | reduced.limb[3] |
                      reduced.limb[4]);
}

template <typename V>
[[gnu::always_inline]] inline FieldElement<V> small_element(std::uint64_t value) {
    return {{V::all(value), V::all(0), V::all(0), V::all(0), V::all(0)}};
}

template <typename V>
[[gnu::noinline]] void multiply_into(FieldElement<V>& out, const FieldElement<V>& a,
                                     const FieldElement<V>& b) {
    out = carry(a * b);
}

/// a^(2^times). REQUIRES: `times` is at least 1.
template <typename V>
[[gnu::noinline]] void square_into(FieldElement<V>& out, const FieldElement<V>& a, int times) {
    FieldElement<V> result = carry(square(a));
    for (int i = 1; i < times; ++i)
        result = carry(square(result));
    out = result;
}

/// Room for the powers of invert().
template <typename V>
struct InversionWork {
    FieldElement<V> a11, run, power, longer;
};

/// 1/a, or zero of zero: a^(p - 2).
template <typename V>
[[gnu::noinline]] void invert(FieldElement<V>& out, const FieldElement<V>& a, InversionWork<V>& work) {
    auto& [a11, run, power, longer] = work;
    square_into(power, a, 1);             // a^2
    square_into(longer, power, 2);        // a^8
    multiply_into(longer, longer, a);     // a^9
    multiply_into(a11, longer, power);    // a^11
    square_into(power, a11, 1);           // a^22
    multiply_into(run, power, longer);    // a^(2^5 - 1)
    square_into(power, run, 5);           //
    multiply_into(run, power, run);       // a^(2^10 - 1)
    square_into(power, run, 10);          //
    multiply_into(longer, power, run);    // a^(2^20 - 1)
    square_into(power, longer, 20);       //
    multiply_into(power, power, longer);  // a^(2^40 - 1)
    square_into(power, power, 10);        //
    multiply_into(run, power, run);       // a^(2^50 - 1)
    square_into(power, run, 50);          //
    multiply_into(longer, power, run);    // a^(2^100 - 1)
    square_into(power, longer, 100);      //
    multiply_into(power, power, longer);  // a^(2^200 - 1)
    square_into(power, power, 50);        //
    multiply_into(power, power, run);     // a^(2^250 - 1)
    square_into(power, power, 5);         //
    multiply_into(out, power, a11);       // a^(2^255 - 21)
}

}  // namespace ringway::crypto
