#include <doctest/doctest.h>

#include "tests/load/lab.h"
#include "tools/load/handshake_load.h"

namespace ringway::tests {
namespace {

using namespace std::chrono_literals;

load::HandshakeResult handshakes(Lab& lab, const load::HandshakeShares& shares, double rate) {
    SeededRandom random(5);
    const load::HandshakePlan plan{.shares = shares, .rate = rate, .duration = 200'000'000};
    const auto result = load::run_handshakes(lab.load(), plan, random, [] { return false; });
    lab.run(1ms);  // what was sent last arrives
    return result;
}

TEST_CASE("valid handshakes are answered, each peer's as often as a gateway bears") {
    Lab lab({.peers = 8});
    lab.load().ask_below();
    const auto result = handshakes(lab, {.valid = 1}, 0);
    CHECK(result.counts.responses_received == result.counts.initiations_sent);
    CHECK(result.counts.responses_received == 8 * 5);  // 200 ms, one each 40 ms
    CHECK(result.counts.refused == 0);
    CHECK(result.latency.count() == result.counts.responses_received);
    CHECK(lab.gateway().drop_names().empty());
}

TEST_CASE("replayed and random initiations are not answered") {
    Lab lab({.peers = 8});
    lab.load().ask_below();
    const auto result = handshakes(lab, {.valid = 2, .replayed = 1, .random = 1}, 400);
    CHECK(result.counts.responses_received == result.counts.initiations_sent);
    CHECK(result.counts.refused == 0);
    CHECK(result.counts.initiations_sent == doctest::Approx(40).epsilon(0.1));
    CHECK(result.replayed == doctest::Approx(20).epsilon(0.1));
    CHECK(result.random == doctest::Approx(20).epsilon(0.1));
    CHECK(lab.gateway().drops(DropReason::handshake_bad_mac1) == result.random);
    CHECK(lab.gateway().drops(DropReason::handshake_replayed) == result.replayed);
}

TEST_CASE("rubbish with a right mac1 costs the gateway a Diffie-Hellman") {
    Lab lab({.peers = 8});
    lab.load().ask_below();
    const auto result = handshakes(lab, {.valid = 1, .cookie = 1}, 100);
    CHECK(result.cookie == doctest::Approx(10).epsilon(0.2));
    CHECK(lab.gateway().drops(DropReason::handshake_bad_static) == result.cookie);
    CHECK(result.counts.refused == 0);
}

}  // namespace
}  // namespace ringway::tests
