#pragma once

// X25519 (RFC 7748, section 5) in the lanes of a vector: a Montgomery ladder in which no branch and no
// address depends on a secret. Included by kernels only: see field25519.h.
//
// A vector type has, beyond what the field wants: V::kLanes; V::load(words) and store(words), of kLanes
// words aligned to 64 bytes; V::bit(a, position), a Choice; and V::differ(choice, choice).

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "crypto/field25519.h"
#include "crypto/x25519_lane.h"

namespace ringway::crypto {

/// A multiple's x and z, as x + z and x - z: all that the next step wants to know.
template <typename V>
struct LadderPoint {
    FieldElement<V> sum;
    FieldElement<V> difference;
};

template <typename V>
struct LadderState {
    FieldElement<V> point;   ///< u
    LadderPoint<V> doubled;  ///< of n P and (n + 1) P, the one that the last step made by doubling
    LadderPoint<V> added;    ///< the other one
};

/// Everything secret that the ladder keeps in memory: whoever owns it wipes it.
template <typename V>
struct LadderWork {
    /// As many vectors as share one inversion, which costs an eighth of a ladder.
    static constexpr std::size_t kVectors = 8;
    static constexpr std::size_t kLanes = kVectors * V::kLanes;

    alignas(64) std::uint64_t scalar[4][V::kLanes];  ///< clamped, word by word
    alignas(64) std::uint64_t limbs[5][V::kLanes];   ///< a field element on its way in or out
    LadderState<V> state;
    FieldElement<V> x[kVectors];
    FieldElement<V> z[kVectors];
    FieldElement<V> products[kVectors];  ///< of z[0] up to its own
    FieldElement<V> inverse, one_inverse;
    InversionWork<V> inversion;
};

template <typename V>
[[gnu::always_inline]] inline LadderPoint<V> sum_and_difference(const FieldColumns<V>& x,
                                                                const FieldColumns<V>& z) {
    return {carry(x + z), carry(x - z)};
}

/// Of the two points one is doubled, `added` if `swap`, and both are added. (Which of them comes first
/// changes only a sign of what is squared.) The names are RFC 7748's.
template <typename V>
[[gnu::noinline]] void ladder_step(LadderState<V>& at, const typename V::Choice& swap) {
    const FieldColumns<V> da = at.added.difference * at.doubled.sum;
    const FieldColumns<V> cb = at.added.sum * at.doubled.difference;
    const FieldColumns<V> aa = square(choose(swap, at.added.sum, at.doubled.sum));
    const FieldColumns<V> bb = square(choose(swap, at.added.difference, at.doubled.difference));
    const FieldElement<V> e = carry(aa - bb);
    at.doubled = sum_and_difference(carry(aa) * carry(bb), e * carry(add_multiple(bb, e, 121666)));
    at.added = sum_and_difference(square(carry(da + cb)), at.point * carry(square(carry(da - cb))));
}

template <typename V>
void load_lane(LadderWork<V>& work, std::size_t lane, const X25519Lane& from) {
    std::uint64_t words[4];
    std::memcpy(words, from.scalar, sizeof(words));
    work.scalar[0][lane] = words[0] & ~std::uint64_t{7};
    work.scalar[1][lane] = words[1];
    work.scalar[2][lane] = words[2];
    work.scalar[3][lane] = (words[3] & ~(std::uint64_t{1} << 63)) | std::uint64_t{1} << 62;
    // Bit 255 of a point is left out; a point above p is what it is modulo p.
    std::memcpy(words, from.point, sizeof(words));
    work.limbs[0][lane] = words[0] & kLimbMask;
    work.limbs[1][lane] = (words[0] >> 51 | words[1] << 13) & kLimbMask;
    work.limbs[2][lane] = (words[1] >> 38 | words[2] << 26) & kLimbMask;
    work.limbs[3][lane] = (words[2] >> 25 | words[3] << 39) & kLimbMask;
    work.limbs[4][lane] = words[3] >> 12 & kLimbMask;
}

/// REQUIRES: the limbs are reduced.
template <typename V>
void store_lane(const LadderWork<V>& work, std::size_t lane, const X25519Lane& to) {
    const auto limb = [&](std::size_t k) { return work.limbs[k][lane]; };
    const std::uint64_t words[4] = {limb(0) | limb(1) << 51, limb(1) >> 13 | limb(2) << 38,
                                    limb(2) >> 26 | limb(3) << 25, limb(3) >> 39 | limb(4) << 12};
    std::memcpy(to.out, words, sizeof(words));
}

/// x and z of scalar * point.
template <typename V>
void climb(LadderWork<V>& work, std::size_t vector) {
    LadderState<V>& at = work.state;
    const FieldElement<V> one = small_element<V>(1);
    for (int k = 0; k < 5; ++k)
        at.point.limb[k] = V::load(work.limbs[k]);
    at.doubled = {one, one};  // 0 P: x = 1, z = 0
    at.added = sum_and_difference(columns_of(at.point), columns_of(one));
    // A bit unlike the one before it: the point to double is not the one that was doubled last. Clamping
    // makes the last bit zero, so that `doubled` is the result in the end.
    auto before = V::bit(V::all(0), 0);
    for (int position = 254; position >= 0; --position) {
        const auto bit = V::bit(V::load(work.scalar[position / 64]), position % 64);
        ladder_step(at, V::differ(bit, before));
        before = bit;
    }
    work.x[vector] = carry(columns_of(at.doubled.sum) + columns_of(at.doubled.difference));
    work.z[vector] = carry(columns_of(at.doubled.sum) - columns_of(at.doubled.difference));
    // A point of low order ends at infinity, z = 0. It must not spoil the others' inversion.
    const auto infinite = is_zero(work.z[vector]);
    work.x[vector] = choose(infinite, small_element<V>(0), work.x[vector]);
    work.z[vector] = choose(infinite, one, work.z[vector]);
}

/// x / z of the first `vectors`, reduced, with one inversion for all (Montgomery's trick).
template <typename V>
void divide(LadderWork<V>& work, std::size_t vectors) {
    work.products[0] = work.z[0];
    for (std::size_t i = 1; i < vectors; ++i)
        multiply_into(work.products[i], work.products[i - 1], work.z[i]);
    invert(work.inverse, work.products[vectors - 1], work.inversion);
    for (std::size_t i = vectors - 1; i > 0; --i) {
        multiply_into(work.one_inverse, work.inverse, work.products[i - 1]);
        multiply_into(work.inverse, work.inverse, work.z[i]);
        multiply_into(work.x[i], work.x[i], work.one_inverse);
    }
    multiply_into(work.x[0], work.x[0], work.inverse);
    for (std::size_t i = 0; i < vectors; ++i)
        work.x[i] = reduce(work.x[i]);
}

/// All of `lanes`. Lanes of the last vector that are left over repeat the last job.
template <typename V>
void x25519_in_lanes(LadderWork<V>& work, const X25519Lane* lanes, std::size_t count) {
    while (count > 0) {
        const std::size_t taken = count < work.kLanes ? count : work.kLanes;
        const std::size_t vectors = (taken + V::kLanes - 1) / V::kLanes;
        for (std::size_t vector = 0; vector < vectors; ++vector) {
            for (std::size_t lane = 0; lane < V::kLanes; ++lane) {
                const std::size_t job = vector * V::kLanes + lane;
                load_lane(work, lane, lanes[job < taken ? job : taken - 1]);
            }
            climb(work, vector);
        }
        divide(work, vectors);
        for (std::size_t job = 0; job < taken; ++job) {
            const std::size_t lane = job % V::kLanes;
            if (lane == 0) {
                for (int k = 0; k < 5; ++k)
                    work.x[job / V::kLanes].limb[k].store(work.limbs[k]);
            }
            store_lane(work, lane, lanes[job]);
        }
        lanes += taken;
        count -= taken;
    }
}

}  // namespace ringway::crypto
