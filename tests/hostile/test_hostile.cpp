// Every attack in its short form: each packet counted once, under its own name, nothing else changed, and a
// session beside it unharmed.

#include <doctest/doctest.h>

#include <string>

#include "tests/hostile/attacks.h"
#include "tests/hostile/threads.h"

namespace ringway::tests {

TEST_CASE("hostile packets are counted by name, change nothing and harm nobody") {
    for (const Attack& attack : attacks()) {
        CAPTURE(attack.name);
        const AttackOutcome outcome = run_attack(attack, 1, Effort::brief);
        for (const std::string& failure : outcome.failures)
            FAIL_CHECK(failure);
        CHECK(outcome.frames > 0);
    }
}

TEST_CASE("replays from several threads at once get through once") {
    const AttackOutcome outcome = replays_from_several_threads(1, 3);
    for (const std::string& failure : outcome.failures)
        FAIL_CHECK(failure);
    CHECK(outcome.frames > 0);
}

}  // namespace ringway::tests
