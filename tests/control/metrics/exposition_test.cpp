#include "control/metrics/exposition.h"

#include <doctest/doctest.h>

namespace ringway::control {

TEST_CASE("a family with samples, its labels escaped") {
    Exposition out;
    out.family("things_total", Exposition::Type::counter, "Things.");
    out.sample({}, std::uint64_t{7});
    out.sample({{"name", "a\"b\\c\nd"}, {"empty", ""}}, 0.5);
    CHECK(out.take() ==
          "# HELP ringway_things_total Things.\n# TYPE ringway_things_total counter\n"
          "ringway_things_total 7\n"
          "ringway_things_total{name=\"a\\\"b\\\\c\\nd\",empty=\"\"} 0.5\n");
}

TEST_CASE("a histogram's buckets count all up to their bound, in seconds, the last every one") {
    Exposition out;
    out.family("wait_seconds", Exposition::Type::histogram, "Wait.");
    out.histogram({{"role", "a"}},
                  {.first_exponent = 9, .counts = {3, 0, 2, 1}, .sum_nanoseconds = 2'500'000'000});
    out.histogram({}, {.first_exponent = 9, .counts = {0, 4}, .sum_nanoseconds = 0});
    CHECK(out.take() ==
          "# HELP ringway_wait_seconds Wait.\n# TYPE ringway_wait_seconds histogram\n"
          "ringway_wait_seconds_bucket{role=\"a\",le=\"5.12e-07\"} 3\n"
          "ringway_wait_seconds_bucket{role=\"a\",le=\"1.024e-06\"} 3\n"
          "ringway_wait_seconds_bucket{role=\"a\",le=\"2.048e-06\"} 5\n"
          "ringway_wait_seconds_bucket{role=\"a\",le=\"+Inf\"} 6\n"
          "ringway_wait_seconds_sum{role=\"a\"} 2.5\n"
          "ringway_wait_seconds_count{role=\"a\"} 6\n"
          "ringway_wait_seconds_bucket{le=\"5.12e-07\"} 0\n"
          "ringway_wait_seconds_bucket{le=\"+Inf\"} 4\n"
          "ringway_wait_seconds_sum 0\n"
          "ringway_wait_seconds_count 4\n");
}

}  // namespace ringway::control
