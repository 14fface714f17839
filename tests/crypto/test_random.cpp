#include <doctest/doctest.h>

#include "crypto/random.h"
#include "tests/crypto/hex.h"
#include "tests/support/seeded_random.h"

using ringway::crypto::Random;
using ringway::crypto::SystemRandom;
using ringway::tests::Buffer;
using ringway::tests::SeededRandom;

namespace {

Buffer draw(Random& random, std::size_t size) {
    Buffer out(size);
    random.fill(out);
    return out;
}

}  // namespace

TEST_CASE("the system's randomness does not repeat, and takes an empty request") {
    SystemRandom one;
    SystemRandom two;
    const Buffer first = draw(one, 32);
    CHECK(first != Buffer(32));
    CHECK(first != draw(one, 32));
    CHECK(first != draw(two, 32));
    CHECK(draw(one, 0).empty());
}

TEST_CASE("seeded randomness repeats from its seed and only from that") {
    SeededRandom one(1);
    SeededRandom same(1);
    SeededRandom other(2);
    const Buffer first = draw(one, 100);
    const Buffer second = draw(one, 100);
    CHECK(first != second);
    CHECK(first == draw(same, 100));
    CHECK(second == draw(same, 100));
    CHECK(first != draw(other, 100));
    CHECK(draw(one, 0).empty());
}
