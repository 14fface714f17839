// Steps that follow each other over many things.

#include "dataplane/in_steps.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace ringway::tests {

namespace {

using Calls = std::vector<std::pair<int, std::size_t>>;  // step, thing

Calls three_steps(std::size_t things) {
    Calls calls;
    dataplane::in_steps<4>(
        things, [&](std::size_t i) { calls.emplace_back(0, i); },
        [&](std::size_t i) { calls.emplace_back(1, i); }, [&](std::size_t i) { calls.emplace_back(2, i); });
    return calls;
}

}  // namespace

TEST_CASE("each thing goes through each step once, in order, whatever their number") {
    for (const std::size_t things : {0U, 1U, 3U, 4U, 5U, 8U, 9U, 100U}) {
        CAPTURE(things);
        const Calls calls = three_steps(things);
        REQUIRE(calls.size() == 3 * things);
        for (int step = 0; step < 3; ++step) {
            std::size_t next = 0;
            for (const auto& [of_step, thing] : calls) {
                if (of_step == step) CHECK(thing == next++);
            }
        }
    }
}

TEST_CASE("a step is as many things behind the one before as it says") {
    const Calls calls = three_steps(20);
    const auto at = [&](int step, std::size_t thing) {
        return std::ranges::find(calls, std::pair(step, thing)) - calls.begin();
    };
    for (std::size_t thing = 4; thing < 19; ++thing) {
        CHECK(at(0, thing) < at(1, thing - 4));
        CHECK(at(1, thing - 4) < at(0, thing + 1));
    }
}

}  // namespace ringway::tests
