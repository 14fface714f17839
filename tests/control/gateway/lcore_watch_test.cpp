#include "control/lcore_watch.h"

#include <doctest/doctest.h>

#include "tests/control/log/capture.h"

namespace ringway::control {
namespace {

constexpr dataplane::Nanoseconds kSecond = 1'000'000'000;

struct Bench {
    Bench() {
        watch.add(first);
        watch.add(second);
    }
    /// One look a second; only the first lcore turns.
    void seconds(int count) {
        for (int i = 0; i < count; ++i) {
            first.add();
            watch.look(now += kSecond);
        }
    }
    test::CapturedLog captured;
    dataplane::Counter first;
    dataplane::Counter second;
    LcoreWatch watch{captured.logger};
    dataplane::Nanoseconds now = kSecond;
};

}  // namespace

TEST_CASE("an lcore that stands still for two seconds is told once") {
    Bench bench;
    bench.seconds(3);
    CHECK(bench.captured.lines.empty());
    bench.seconds(10);
    REQUIRE(bench.captured.lines.size() == 1);
    CHECK(bench.captured.lines[0].find("an lcore stands still") != std::string::npos);
    CHECK(bench.captured.lines[0].find("lcore=1") != std::string::npos);
    CHECK(bench.watch.standing_still() == 1);
}

TEST_CASE("and told once more when it turns again") {
    Bench bench;
    bench.seconds(5);
    bench.second.add();
    bench.seconds(2);
    REQUIRE(bench.captured.lines.size() == 2);
    CHECK(bench.captured.lines[1].find("turns again lcore=1") != std::string::npos);
    CHECK(bench.watch.standing_still() == 0);
}

}  // namespace ringway::control
