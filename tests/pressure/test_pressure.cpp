// The short form of what pressure.cpp does for as long as one likes, and what needs no repetition.

#include <doctest/doctest.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "tests/dataplane/turn_until.h"
#include "tests/pressure/accounts.h"
#include "tests/pressure/changes.h"
#include "tests/pressure/order.h"
#include "tests/pressure/overload.h"
#include "tests/support/disturbance.h"
#include "tests/support/flow.h"
#include "tests/support/test_network.h"

namespace ringway::tests {

using namespace std::chrono_literals;

namespace {

/// So much, however long it takes.
Trial short_trial(std::uint64_t count) {
    return {.count = count, .time = 1h, .seed = 1, .progress = {}};
}

// The thread sanitizer hands a signal on in calls that it intercepts, of which an lcore that polls makes
// none.
#ifdef __SANITIZE_THREAD__
constexpr bool kSignalsWait = true;
#else
constexpr bool kSignalsWait = false;
#endif

void check(const SiegeRow& row) {
    INFO(row.what << ": " << fmt::format("{}", fmt::join(row.failures, "; ")));
    CHECK(row.failures.empty());
    CHECK(row.lost == 0);
    CHECK(row.tried > 0);
}

}  // namespace

TEST_CASE("threads held up at random: none of 50,000 packets is lost or out of order") {
    check(press_order(short_trial(50'000), Ahead::fits));
}

TEST_CASE("threads held up at random under a flood: what is lost is counted, before crypto") {
    check(press_order(short_trial(100'000), Ahead::floods));
}

TEST_CASE("the accounts balance to the packet, whatever lcores, control side, ports and hosts do next") {
    check(press_accounts(short_trial(100'000)));
}

TEST_CASE(
    "five times what a port takes: no crypto in vain, memory flat, sessions renewed, newcomers get in") {
    constexpr std::uint64_t kSixMinutes = 36'000 * 80;
    SUBCASE("the encrypted port") {
        check(press_overload(short_trial(kSixMinutes), Sink::wan));
    }
    SUBCASE("the plain port") {
        check(press_overload(short_trial(kSixMinutes), Sink::lan));
    }
}

TEST_CASE("a hundred clients lose nothing while others change a thousand times a second") {
    check(press_changes(short_trial(60'000)));
}

TEST_CASE("a peer's place is not used again while an lcore may still look at it" *
          doctest::skip(kSignalsWait)) {
    TestNetwork network;
    TestGateway& a = network.add({.number = 1, .lcores = {{.rx = true, .tx = true}, {.crypto = true}}});
    TestGateway& b = network.add({.number = 2});
    TestNetwork::join(a, b);
    NumberedFlow flow(a, b, 1);
    const std::size_t places = a.core().free_peers() + 1;
    const LcoreThreads threads(a, 1, {}, false);
    const auto turn = [&] {
        (void)network.move_frames();
        (void)a.core().turn();
        (void)b.step();
    };
    REQUIRE(a.receive_from_lan(flow.next()));
    turn_until(turn, [&] { return !b.take_lan().empty(); });
    for (const pid_t thread : threads.threads()) {
        {
            const HeldThread held(thread);
            if (const auto peer = a.core().find_peer(TestGateway::kTunnel, b.public_key()))
                a.core().remove_peer(*peer);
            // The other lcore and the control side go on, and go on.
            const auto polls = [&] {
                return a.lcore(0).counters.polls.get() + a.lcore(1).counters.polls.get();
            };
            const std::uint64_t enough = polls() + 1000;
            int turns = 0;
            turn_until(turn, [&] { return ++turns > 1000 && polls() >= enough; });
            CHECK(a.core().free_peers() == places - 1);
        }
        turn_until(turn, [&] { return a.core().free_peers() == places; });
        (void)a.add_peer(b);
    }
}

}  // namespace ringway::tests
