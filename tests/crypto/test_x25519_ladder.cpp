// The kernel's algorithm in one lane, on any CPU.

#include <doctest/doctest.h>

#include <array>

#include "crypto/x25519.h"
#include "tests/crypto/one_lane.h"
#include "tests/crypto/two_sides.h"

namespace ringway::tests {
namespace {

using crypto::KeyMaterial;
using crypto::PrivateKey;
using crypto::PublicKey;

/// Of a few keys and points, which share inversions.
void check(const std::array<PrivateKey, 11>& scalars, const std::array<PublicKey, 11>& points) {
    std::array<KeyMaterial, 11> results;
    std::array<crypto::X25519Lane, 11> lanes;
    for (std::size_t i = 0; i < lanes.size(); ++i)
        lanes[i] = {scalars[i].data(), points[i].bytes.data(), results[i].data()};
    crypto::LadderWork<OneLane> work;
    crypto::x25519_in_lanes(work, lanes.data(), lanes.size());
    for (std::size_t i = 0; i < lanes.size(); ++i) {
        KeyMaterial expected;
        (void)crypto::x25519(expected, scalars[i], points[i]);
        CHECK(results[i].equals(expected));
    }
}

TEST_CASE("the ladder in one lane gives what libsodium gives") {
    SeededRandom random(1);
    const auto low = low_order_points();
    for (int i = 0; i < 40; ++i) {
        std::array<PrivateKey, 11> scalars;
        std::array<PublicKey, 11> points;
        for (std::size_t job = 0; job < scalars.size(); ++job) {
            random.fill(scalars[job].span());
            random.fill(points[job].bytes);
        }
        points[random.below(11)] = low[random.below(low.size())];
        check(scalars, points);
    }
}

/// A number's limbs, as full as they may be.
crypto::FieldElement<OneLane> full(std::uint64_t limb) {
    return {{{limb}, {limb}, {limb}, {limb}, {limb}}};
}

TEST_CASE("the fullest limbs that may be multiplied leave limbs that may be multiplied") {
    constexpr std::uint64_t kMost = (std::uint64_t{1} << 51) + (1 << 16) - 1;
    const auto most = full(kMost);
    const auto product = most * most;
    const auto squared = crypto::square(most);
    const auto none = crypto::small_element<OneLane>(0);
    for (int k = 0; k < 5; ++k) {
        CHECK(product.column[k].word == squared.column[k].word);
        CHECK(product.column[k].word < (std::uint64_t{1} << 60) - (1 << 14));
    }
    for (const auto& sum : {product + product, product - crypto::columns_of(none),
                            crypto::add_multiple(product, most, 121666)}) {
        const auto carried = crypto::carry(sum);
        for (int k = 0; k < 5; ++k) {
            CHECK(sum.column[k].word < std::uint64_t{1} << 62);
            CHECK(carried.limb[k].word <= kMost);
        }
    }
    // A difference falls below zero nowhere.
    const auto least = crypto::columns_of(none) - product;
    for (int k = 0; k < 5; ++k)
        CHECK(least.column[k].word < std::uint64_t{1} << 60);
}

TEST_CASE("a number is reduced below p, and zero is known in all its forms") {
    const auto value = [](std::uint64_t lowest, std::uint64_t others) {
        auto element = full(others);
        element.limb[0] = {lowest};
        return element;
    };
    CHECK(crypto::is_zero(value(0, 0)) != 0);
    CHECK(crypto::is_zero(value(crypto::kLimbMask - 18, crypto::kLimbMask)) != 0);  // p
    CHECK(crypto::is_zero(value(1, 0)) == 0);
    CHECK(crypto::is_zero(value(crypto::kLimbMask - 19, crypto::kLimbMask)) == 0);  // p - 1
    CHECK(crypto::reduce(value(crypto::kLimbMask, crypto::kLimbMask)).limb[0].word == 18);
    CHECK(crypto::reduce(value(crypto::kLimbMask + 1, 0)).limb[1].word == 1);
    CHECK(crypto::reduce(value(crypto::kLimbMask + 1, 0)).limb[0].word == 0);
}

}  // namespace
}  // namespace ringway::tests
