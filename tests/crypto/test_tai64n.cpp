#include "crypto/tai64n.h"

#include <doctest/doctest.h>

#include <random>

namespace ringway::crypto {
namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;
constexpr std::uint64_t kStep = 1ULL << 24;

using Bytes = decltype(Tai64n::bytes);

TEST_CASE("the Unix epoch is 2^62 + 10 seconds of TAI") {
    CHECK(Tai64n::from_unix(0).bytes == Bytes{0x40, 0, 0, 0, 0, 0, 0, 10, 0, 0, 0, 0});
}

TEST_CASE("seconds and nanoseconds are big-endian") {
    // 0x65a1b2c3 s and 3 * 2^24 ns.
    CHECK(Tai64n::from_unix(0x65a1b2c3 * kSecond + 3 * kStep).bytes ==
          Bytes{0x40, 0, 0, 0, 0x65, 0xa1, 0xb2, 0xcd, 3, 0, 0, 0});
}

TEST_CASE("nanoseconds are rounded down to a multiple of 2^24") {
    const std::uint64_t second = 1'700'000'000 * kSecond;
    CHECK(Tai64n::from_unix(second + kStep - 1) == Tai64n::from_unix(second));
    CHECK(Tai64n::from_unix(second + kStep) > Tai64n::from_unix(second));
    CHECK(Tai64n::from_unix(second + 2 * kStep - 1) == Tai64n::from_unix(second + kStep));
    CHECK(Tai64n::from_unix(second + kSecond - 1).bytes[8] == 59);
    CHECK(Tai64n::from_unix(second + kSecond - 1).bytes[11] == 0);
}

TEST_CASE("a later time never has a smaller label") {
    std::mt19937_64 random(1);
    std::uint64_t now = 0;
    for (int i = 0; i < 10'000; ++i) {
        const std::uint64_t later = now + random() % (3 * kSecond);
        CHECK(Tai64n::from_unix(now) <= Tai64n::from_unix(later));
        if (later - now >= kStep) CHECK(Tai64n::from_unix(now) < Tai64n::from_unix(later));
        now = later;
    }
}

TEST_CASE("the last time that can be told still has a label") {
    CHECK(Tai64n::from_unix(UINT64_MAX) > Tai64n::from_unix(UINT64_MAX - kSecond));
}

TEST_CASE("next is the label of the next step, with no room between") {
    std::uint64_t time = 1'700'000'000 * kSecond;
    for (int i = 0; i < 59; ++i, time += kStep) {
        CHECK(Tai64n::from_unix(time).next() == Tai64n::from_unix(time + kStep));
    }
}

TEST_CASE("next carries from the second's last step into the next second") {
    const std::uint64_t second = 1'700'000'000 * kSecond;
    CHECK(Tai64n::from_unix(second + kSecond - 1).next() == Tai64n::from_unix(second + kSecond));
    // 0xff more seconds, so that the carry runs through a byte.
    CHECK(Tai64n{Bytes{0x40, 0, 0, 0, 0, 0, 0, 0xff, 59, 0, 0, 0}}.next().bytes ==
          Bytes{0x40, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0});
}

TEST_CASE("next of a label that from_unix would not give is a label that it would") {
    CHECK(Tai64n{Bytes{0x40, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5}}.next().bytes ==
          Bytes{0x40, 0, 0, 0, 0, 0, 0, 1, 3, 0, 0, 0});
    CHECK(Tai64n{Bytes{0x40, 0, 0, 0, 0, 0, 0, 1, 58, 0xff, 0xff, 0xff}}.next().bytes ==
          Bytes{0x40, 0, 0, 0, 0, 0, 0, 1, 59, 0, 0, 0});
    CHECK(Tai64n{Bytes{0x40, 0, 0, 0, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff}}.next().bytes ==
          Bytes{0x40, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0});
}

TEST_CASE("a sender whose clock went back goes on with greater labels") {
    Tai64n last = Tai64n::from_unix(1'700'000'000 * kSecond);
    const Tai64n clock = Tai64n::from_unix(1'600'000'000 * kSecond);
    for (int i = 0; i < 200; ++i) {
        const Tai64n label = clock > last ? clock : last.next();
        CHECK(label > last);
        last = label;
    }
}

}  // namespace
}  // namespace ringway::crypto
