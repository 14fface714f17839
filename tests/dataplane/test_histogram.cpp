#include "dataplane/histogram.h"

#include <doctest/doctest.h>

namespace ringway::dataplane {

TEST_CASE("a duration that equals a bucket's bound is in it, and one more is not") {
    Histogram<4, 3> histogram;  // bounds 16, 32, 64
    for (const std::uint64_t duration : {0, 1, 16, 17, 32, 33, 64, 65, 1'000'000})
        histogram.add(duration);
    const Distribution read = histogram.read();
    CHECK(read.counts == std::vector<std::uint64_t>{3, 2, 2, 2});
    CHECK(read.bound(0) == 16);
    CHECK(read.bound(2) == 64);
    CHECK(read.count() == 9);
    CHECK(read.sum_nanoseconds == 1'000'228);
}

TEST_CASE("distributions add up, the first into an empty one") {
    Histogram<4, 2> histogram;
    histogram.add(20);
    Distribution sum;
    sum.add(histogram.read());
    sum.add(histogram.read());
    CHECK(sum.counts == std::vector<std::uint64_t>{0, 2, 0});
    CHECK(sum.first_exponent == 4);
    CHECK(sum.sum_nanoseconds == 40);
}

TEST_CASE("cycles become nanoseconds, an hour's without overflow") {
    const CycleScale scale(2'500'000'000);
    CHECK(scale.nanoseconds(0) == 0);
    CHECK(scale.nanoseconds(2500) == doctest::Approx(1000).epsilon(0.001));
    const std::uint64_t hour = 2'500'000'000ULL * 3600;
    CHECK(static_cast<double>(scale.nanoseconds(hour)) == doctest::Approx(3600e9).epsilon(1e-5));
}

}  // namespace ringway::dataplane
