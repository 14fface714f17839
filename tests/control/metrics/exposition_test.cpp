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

}  // namespace ringway::control
