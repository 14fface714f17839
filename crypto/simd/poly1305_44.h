#pragma once

// Poly1305 in three limbs of 44 bits, for instruction sets that multiply 52-bit numbers (AVX-512 IFMA).
// A product of limbs comes in two parts of 52 bits; 2^132 is 20 modulo 4 (2^130 - 5), which is as good.

#include "crypto/prefetch.h"
#include "crypto/simd/poly1305_lanes.h"

namespace ringway::crypto::simd {
namespace {

/// From this many 16-byte blocks on, four blocks a step (and three more powers of r) pay.
inline constexpr std::uint64_t kLongStreamBytes = 12 * 16;

template <typename Isa>
struct Limbs44 {
    typename Isa::Quads l[3];
};

/// A factor: its limbs, and 20 times those that wrap.
template <typename Isa>
struct Factor44 {
    typename Isa::Quads r[3];
    typename Isa::Quads s[3];  ///< s[0] is not used

    [[gnu::always_inline]] static inline Factor44 from(const Limbs44<Isa>& limbs) {
        Factor44 factor;
        for (unsigned i = 0; i < 3; ++i) {
            factor.r[i] = limbs.l[i];
            factor.s[i] =
                Isa::add64(Isa::template shift_left<4>(limbs.l[i]), Isa::template shift_left<2>(limbs.l[i]));
        }
        return factor;
    }
};

/// A sum of products, not yet carried.
template <typename Isa>
struct Sum44 {
    typename Isa::Quads low[3];
    typename Isa::Quads high[3];

    [[gnu::always_inline]] inline Sum44() {
        for (unsigned i = 0; i < 3; ++i)
            low[i] = high[i] = Isa::broadcast64(0);
    }

    [[gnu::always_inline]] inline void add(unsigned limb, typename Isa::Quads a, typename Isa::Quads b) {
        low[limb] = Isa::multiply_add_low(low[limb], a, b);
        high[limb] = Isa::multiply_add_high(high[limb], a, b);
    }

    [[gnu::always_inline]] inline void add_product(const Limbs44<Isa>& a, const Factor44<Isa>& b) {
        add(0, a.l[0], b.r[0]);
        add(1, a.l[0], b.r[1]);
        add(2, a.l[0], b.r[2]);
        add(0, a.l[1], b.s[2]);
        add(1, a.l[1], b.r[0]);
        add(2, a.l[1], b.r[1]);
        add(0, a.l[2], b.s[1]);
        add(1, a.l[2], b.s[2]);
        add(2, a.l[2], b.r[0]);
    }

    [[gnu::always_inline]] inline void add_sum(const Sum44& other) {
        for (unsigned i = 0; i < 3; ++i) {
            low[i] = Isa::add64(low[i], other.low[i]);
            high[i] = Isa::add64(high[i], other.high[i]);
        }
    }

    /// The limbs, below 2^44 but for the last, which may exceed it a little.
    [[gnu::always_inline]] inline Limbs44<Isa> carried() const {
        using Quads = typename Isa::Quads;
        const Quads mask = Isa::broadcast64(kMask44);
        const Quads d1 = Isa::add64(low[1], Isa::template shift_left<8>(high[0]));
        const Quads d2 = Isa::add64(low[2], Isa::template shift_left<8>(high[1]));
        const Quads over =
            Isa::add64(Isa::template shift_left<8>(high[2]), Isa::template shift_right<44>(d2));
        // Of four products `over` is below 2^47.6: times 20 it keeps within the 52 bits that are multiplied.
        const Quads d0 = Isa::multiply_add_low(low[0], over, Isa::broadcast64(20));
        const Quads e1 = Isa::add64(d1, Isa::template shift_right<44>(d0));
        return {{Isa::bit_and(d0, mask), Isa::bit_and(e1, mask),
                 Isa::add64(Isa::bit_and(d2, mask), Isa::template shift_right<44>(e1))}};
    }
};

template <typename Isa>
[[gnu::always_inline]] inline Limbs44<Isa> multiply(const Limbs44<Isa>& a, const Factor44<Isa>& b) {
    Sum44<Isa> sum;
    sum.add_product(a, b);
    return sum.carried();
}

/// The limbs of a block; `top` has the bit that RFC 8439 puts behind it.
template <typename Isa>
[[gnu::always_inline]] inline Limbs44<Isa> split44(typename Isa::Quads low, typename Isa::Quads high,
                                                   typename Isa::Quads top) {
    const auto mask = Isa::broadcast64(kMask44);
    return {{Isa::bit_and(low, mask), Isa::bit_and(Isa::template shift_right_pair<44>(low, high), mask),
             Isa::bit_or(Isa::template shift_right<24>(high), top)}};
}

template <typename Isa>
[[gnu::always_inline]] inline Limbs44<Isa> plus(const Limbs44<Isa>& a, const Limbs44<Isa>& b) {
    return {{Isa::add64(a.l[0], b.l[0]), Isa::add64(a.l[1], b.l[1]), Isa::add64(a.l[2], b.l[2])}};
}

/// What one vector of lanes needs besides its data.
template <typename Isa>
struct PolyKey44 {
    Factor44<Isa> r;
    typename Isa::Quads s[2];

    [[gnu::always_inline]] inline PolyKey44(const PolyLanes& lanes, unsigned first) {
        typename Isa::Quads words[4];
        Isa::load_poly_keys(words, lanes.key + first);
        const auto low = Isa::bit_and(words[0], Isa::broadcast64(kClampLow));
        const auto high = Isa::bit_and(words[1], Isa::broadcast64(kClampHigh));
        r = Factor44<Isa>::from(split44<Isa>(low, high, Isa::broadcast64(0)));
        s[0] = words[2];
        s[1] = words[3];
    }
};

template <typename Isa>
inline constexpr std::uint64_t kTopBit44 = 1ULL << 40;

/// Short packets: one block a step. kGroups vectors of lanes side by side, as each waits for itself.
template <typename Isa, unsigned kGroups>
[[gnu::always_inline]] inline void poly1305_short(const PolyLanes& lanes, PolyTag* tags) {
    using Quads = typename Isa::Quads;
    constexpr unsigned kLanes = Isa::kPolyLanes;
    struct Group {
        PolyCourse<Isa, 16> course;
        PolyKey44<Isa> key;
        Limbs44<Isa> h;
        Group(const PolyLanes& from, unsigned first) : course(from, first), key(from, first) {
            h.l[0] = h.l[1] = h.l[2] = Isa::broadcast64(0);
        }
    };
    Group groups[2] = {Group(lanes, 0), Group(lanes, kGroups == 2 ? kLanes : 0)};
    if constexpr (kGroups == 2) groups[0].course.end_with(groups[1].course);
    const unsigned steps = groups[0].course.steps;
    const Quads top = Isa::broadcast64(kTopBit44<Isa>);
    for (unsigned step = 0; step + 1 < steps; ++step) {
#pragma GCC unroll 2
        for (unsigned g = 0; g < kGroups; ++g) {
            Group& group = groups[g];
            Quads block[2];
            Quads present = top;
            if (group.course.is_whole(step)) {
                Isa::load_block(block, group.course, 16LL * step);
            } else {
                present = Isa::load_block_partly(block, group.course, 16LL * step, kTopBit44<Isa>);
            }
            group.h = multiply(plus(group.h, split44<Isa>(block[0], block[1], present)), group.key.r);
        }
    }
#pragma GCC unroll 2
    for (unsigned g = 0; g < kGroups; ++g) {
        Group& group = groups[g];
        const auto lengths = split44<Isa>(Isa::load64(lanes.additional + g * kLanes),
                                          Isa::load64(lanes.encrypted + g * kLanes), top);
        group.h = multiply(plus(group.h, lengths), group.key.r);
        Quads tag[2];
        poly1305_finish<Isa>(group.h.l, group.key.s, tag);
        Isa::store_tags(tag, tags + g * kLanes);
    }
}

/// r^4, r^3, r^2, r.
template <typename Isa>
struct Powers44 {
    Factor44<Isa> power[4];

    [[gnu::always_inline]] explicit inline Powers44(const Factor44<Isa>& r) {
        const Limbs44<Isa> limbs = {{r.r[0], r.r[1], r.r[2]}};
        const Limbs44<Isa> square = multiply(limbs, r);
        power[3] = r;
        power[2] = Factor44<Isa>::from(square);
        power[1] = Factor44<Isa>::from(multiply(limbs, power[2]));
        power[0] = Factor44<Isa>::from(multiply(square, power[2]));
    }
};

/// Four blocks of every lane, on their way into the sum. In two sums: a product waits for the one before it
/// in its own, and one would not keep two ports busy.
template <typename Isa>
struct FourBlocks44 {
    Limbs44<Isa> first;
    Sum44<Isa> rest;  ///< m1 r^3 + m3 r
    Sum44<Isa> more;  ///< m2 r^2

    [[gnu::always_inline]] inline void add(const typename Isa::Quads (&m)[8],
                                           const typename Isa::Quads (&tops)[4],
                                           const Powers44<Isa>& powers) {
        first = split44<Isa>(m[0], m[1], tops[0]);
        rest = more = Sum44<Isa>();
        rest.add_product(split44<Isa>(m[6], m[7], tops[3]), powers.power[3]);
        more.add_product(split44<Isa>(m[4], m[5], tops[2]), powers.power[2]);
        rest.add_product(split44<Isa>(m[2], m[3], tops[1]), powers.power[1]);
    }

    [[gnu::always_inline]] inline Limbs44<Isa> onto(const Limbs44<Isa>& h,
                                                    const Powers44<Isa>& powers) const {
        Sum44<Isa> sum = more;
        sum.add_product(plus(h, first), powers.power[0]);
        sum.add_sum(rest);
        return sum.carried();
    }
};

/// Steps between what is added and what is fetched: a step takes a quarter of the way to memory.
inline constexpr unsigned kStepsAhead = 4;

/// Fetches what a step reads of each lane, a line or two; a packet that was opened is written there next.
template <typename Isa, typename Course>
[[gnu::always_inline]] inline void fetch_step(const Course& course, unsigned step) {
#pragma GCC unroll 8
    for (unsigned lane = 0; lane < Isa::kPolyLanes; ++lane)
        prefetch_to_write(course.place(lane, 64LL * step));
}

/// Long packets: four blocks a step, h = (h + m0) r^4 + m1 r^3 + m2 r^2 + m3 r with one carry. What of a
/// step does not need h is computed a step ahead.
template <typename Isa>
[[gnu::always_inline]] inline void poly1305_long(const PolyLanes& lanes, unsigned first, PolyTag* tags) {
    using Quads = typename Isa::Quads;
    const PolyCourse<Isa, 64> course(lanes, first);
    const PolyKey44<Isa> key(lanes, first);
    const Powers44<Isa> powers(key.r);
    const Quads top = Isa::broadcast64(kTopBit44<Isa>);
    const unsigned last = course.steps - 1;

    Limbs44<Isa> h;
    h.l[0] = h.l[1] = h.l[2] = Isa::broadcast64(0);
    FourBlocks44<Isa> blocks;
    blocks.first = h;
    for (unsigned early = 0; early < kStepsAhead && early < last; ++early)
        fetch_step<Isa>(course, early);
    unsigned step = 0;
    for (; step < course.first_whole && step < last; ++step) {
        Quads m[8];
        Quads tops[4];
        Isa::load_four_blocks_partly(m, tops, course, 64LL * step, kTopBit44<Isa>);
        h = blocks.onto(h, powers);
        blocks.add(m, tops, powers);
    }
    for (; step < last; ++step) {
        if (step + kStepsAhead < last) fetch_step<Isa>(course, step + kStepsAhead);
        Quads m[8];
        Isa::load_four_blocks(m, course, 64LL * step);
        h = blocks.onto(h, powers);
        blocks.add(m, {top, top, top, top}, powers);
    }
    Quads m[8];
    Quads tops[4];
    Isa::load_four_blocks_partly(m, tops, course, 64LL * step, kTopBit44<Isa>);
    m[6] = Isa::bit_or(m[6], Isa::load64(lanes.additional + first));
    m[7] = Isa::bit_or(m[7], Isa::load64(lanes.encrypted + first));
    h = blocks.onto(h, powers);
    blocks.add(m, tops, powers);
    h = blocks.onto(h, powers);

    Quads tag[2];
    poly1305_finish<Isa>(h.l, key.s, tag);
    Isa::store_tags(tag, tags);
}

template <typename Isa>
[[gnu::always_inline]] inline void poly1305_pass(const PolyLanes& lanes, PolyTag* tags) {
    std::uint64_t longest = 0;
    for (std::size_t i = 0; i < lanes.count; ++i)
        longest = lanes.length[i] > longest ? lanes.length[i] : longest;
    const bool two_groups = lanes.count > Isa::kPolyLanes;
    if (longest + 16 < kLongStreamBytes) {
        if (two_groups) {
            poly1305_short<Isa, 2>(lanes, tags);
        } else {
            poly1305_short<Isa, 1>(lanes, tags);
        }
    } else {
        for (unsigned first = 0; first < lanes.count; first += Isa::kPolyLanes)
            poly1305_long<Isa>(lanes, first, tags + first);
    }
}

}  // namespace
}  // namespace ringway::crypto::simd
