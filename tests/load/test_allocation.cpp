#include <doctest/doctest.h>

#include "tests/load/lab.h"
#include "tests/support/allocation_count.h"

namespace ringway::tests {
namespace {

using load::Direction;

TEST_CASE("nothing is allocated while packets go back and forth") {
    Lab lab({.check_every = 3});
    lab.set_allocation_count([] { return allocations_of_this_thread(); });
    REQUIRE(lab.connect());
    load::Load& load = lab.load();
    load.stock().prepare(1000);
    const std::size_t in_lab = lab.allocations();
    const std::size_t before = allocations_of_this_thread();
    for (int i = 0; i < 200; ++i) {
        const dataplane::Nanoseconds now = load.poll();
        for (const Direction direction : {Direction::encrypt, Direction::decrypt})
            (void)load.source(direction).send(4, now);
    }
    const std::size_t ours = allocations_of_this_thread() - before - (lab.allocations() - in_lab);
    CHECK(ours == 0);
    CHECK(load.state(Direction::encrypt).counts.matched > 500);
    CHECK(load.state(Direction::decrypt).counts.matched > 500);
}

TEST_CASE("nothing is allocated for a handshake") {
    Lab lab({});
    lab.set_allocation_count([] { return allocations_of_this_thread(); });
    REQUIRE(lab.connect());
    lab.leap(std::chrono::milliseconds(30));  // the gateway ignores a peer that calls again at once
    const std::size_t in_lab = lab.allocations();
    const std::size_t before = allocations_of_this_thread();
    lab.load().renew(0);
    for (int i = 0; i < 200; ++i)
        (void)lab.load().poll();
    CHECK(allocations_of_this_thread() - before - (lab.allocations() - in_lab) == 0);
    CHECK(lab.load().handshaker().counts().responses_received == 6);
}

}  // namespace
}  // namespace ringway::tests
