#pragma once

// Poly1305 in five limbs of 26 bits, for instruction sets that multiply 32-bit numbers (AVX2).

#include "crypto/simd/poly1305_lanes.h"

namespace ringway::crypto::simd {
namespace {

template <typename Isa>
struct Limbs26 {
    typename Isa::Quads l[5];
};

/// The limbs of a block; `top` has the bit that RFC 8439 puts behind it.
template <typename Isa>
[[gnu::always_inline]] inline Limbs26<Isa> split26(typename Isa::Quads low, typename Isa::Quads high,
                                                   typename Isa::Quads top) {
    const auto mask = Isa::broadcast64((1ULL << 26) - 1);
    const auto middle = Isa::bit_or(Isa::template shift_right<52>(low), Isa::template shift_left<12>(high));
    return {{Isa::bit_and(low, mask), Isa::bit_and(Isa::template shift_right<26>(low), mask),
             Isa::bit_and(middle, mask), Isa::bit_and(Isa::template shift_right<14>(high), mask),
             Isa::bit_or(Isa::template shift_right<40>(high), top)}};
}

/// h = (h + m) r, carried: limbs of 26 bits, the second of one more.
template <typename Isa>
[[gnu::always_inline]] inline void poly1305_step26(Limbs26<Isa>& h, const Limbs26<Isa>& m,
                                                   const Limbs26<Isa>& r, const Limbs26<Isa>& r_times_5) {
    using Quads = typename Isa::Quads;
    const Quads mask = Isa::broadcast64((1ULL << 26) - 1);
    Quads a[5];
#pragma GCC unroll 5
    for (unsigned i = 0; i < 5; ++i)
        a[i] = Isa::add64(h.l[i], m.l[i]);
    Quads d[5];
#pragma GCC unroll 5
    for (unsigned i = 0; i < 5; ++i) {
        d[i] = Isa::multiply(a[0], r.l[i]);
#pragma GCC unroll 4
        for (unsigned j = 1; j < 5; ++j) {
            const auto& factor = j <= i ? r.l[i - j] : r_times_5.l[i + 5 - j];
            d[i] = Isa::add64(d[i], Isa::multiply(a[j], factor));
        }
    }
#pragma GCC unroll 4
    for (unsigned i = 0; i < 4; ++i) {
        d[i + 1] = Isa::add64(d[i + 1], Isa::template shift_right<26>(d[i]));
        d[i] = Isa::bit_and(d[i], mask);
    }
    const Quads over = Isa::template shift_right<26>(d[4]);
    d[4] = Isa::bit_and(d[4], mask);
    d[0] = Isa::add64(d[0], Isa::add64(over, Isa::template shift_left<2>(over)));
    d[1] = Isa::add64(d[1], Isa::template shift_right<26>(d[0]));
    d[0] = Isa::bit_and(d[0], mask);
#pragma GCC unroll 5
    for (unsigned i = 0; i < 5; ++i)
        h.l[i] = d[i];
}

/// One vector of lanes on its way.
template <typename Isa>
struct PolyGroup26 {
    PolyCourse<Isa, 16> course;
    Limbs26<Isa> r;
    Limbs26<Isa> r_times_5;
    typename Isa::Quads s[2];
    Limbs26<Isa> h;

    PolyGroup26(const PolyLanes& lanes, unsigned first) : course(lanes, first) {
        typename Isa::Quads words[4];
        Isa::load_poly_keys(words, lanes.key + first);
        const auto low = Isa::bit_and(words[0], Isa::broadcast64(kClampLow));
        const auto high = Isa::bit_and(words[1], Isa::broadcast64(kClampHigh));
        r = split26<Isa>(low, high, Isa::broadcast64(0));
        for (unsigned i = 0; i < 5; ++i) {
            r_times_5.l[i] = Isa::add64(r.l[i], Isa::template shift_left<2>(r.l[i]));
            h.l[i] = Isa::broadcast64(0);
        }
        s[0] = words[2];
        s[1] = words[3];
    }

    void store_tags(PolyTag* tags) {
        typename Isa::Quads limbs[3];
        limbs[0] = Isa::add64(h.l[0], Isa::template shift_left<26>(h.l[1]));
        limbs[1] = Isa::add64(Isa::template shift_left<8>(h.l[2]), Isa::template shift_left<34>(h.l[3]));
        limbs[2] = Isa::template shift_left<16>(h.l[4]);
        typename Isa::Quads tag[2];
        poly1305_finish<Isa>(limbs, s, tag);
        Isa::store_tags(tag, tags);
    }
};

/// One block a step; kGroups vectors of lanes side by side, as each waits for itself.
template <typename Isa, unsigned kGroups>
[[gnu::always_inline]] inline void poly1305_26(const PolyLanes& lanes, PolyTag* tags) {
    using Quads = typename Isa::Quads;
    constexpr std::uint64_t kTopBit = 1ULL << 24;
    PolyGroup26<Isa> groups[2] = {PolyGroup26<Isa>(lanes, 0),
                                  PolyGroup26<Isa>(lanes, kGroups == 2 ? Isa::kPolyLanes : 0)};
    if constexpr (kGroups == 2) groups[0].course.end_with(groups[1].course);
    const unsigned steps = groups[0].course.steps;
    const Quads top = Isa::broadcast64(kTopBit);
    for (unsigned step = 0; step + 1 < steps; ++step) {
#pragma GCC unroll 2
        for (unsigned g = 0; g < kGroups; ++g) {
            PolyGroup26<Isa>& group = groups[g];
            Quads block[2];
            Quads present = top;
            if (group.course.is_whole(step)) {
                Isa::load_block(block, group.course, 16LL * step);
            } else {
                present = Isa::load_block_partly(block, group.course, 16LL * step, kTopBit);
            }
            poly1305_step26<Isa>(group.h, split26<Isa>(block[0], block[1], present), group.r,
                                 group.r_times_5);
        }
    }
#pragma GCC unroll 2
    for (unsigned g = 0; g < kGroups; ++g) {
        PolyGroup26<Isa>& group = groups[g];
        const auto lengths = split26<Isa>(Isa::load64(lanes.additional + g * Isa::kPolyLanes),
                                          Isa::load64(lanes.encrypted + g * Isa::kPolyLanes), top);
        poly1305_step26<Isa>(group.h, lengths, group.r, group.r_times_5);
        group.store_tags(tags + g * Isa::kPolyLanes);
    }
}

template <typename Isa>
[[gnu::always_inline]] inline void poly1305_pass26(const PolyLanes& lanes, PolyTag* tags) {
    if (lanes.count > Isa::kPolyLanes) {
        poly1305_26<Isa, 2>(lanes, tags);
    } else {
        poly1305_26<Isa, 1>(lanes, tags);
    }
}

}  // namespace
}  // namespace ringway::crypto::simd
