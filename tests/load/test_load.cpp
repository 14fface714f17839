#include <doctest/doctest.h>

#include "tests/load/lab.h"

namespace ringway::tests {
namespace {

using load::Direction;
using load::DirectionCounts;
using namespace std::chrono_literals;

const std::vector<Direction> kBoth{Direction::encrypt, Direction::decrypt};

/// received = matched + duplicates + ancient + corrupt, for each direction; and every frame is somewhere.
void check_accounts(Lab& lab, const std::map<Direction, load::DirectionResult>& result) {
    for (const auto& [direction, part] : result) {
        const DirectionCounts& counts = part.counts;
        CHECK(counts.received == counts.matched + counts.duplicates + counts.ancient + counts.corrupt);
    }
    const auto control = [](const load::PortCounts& counts) {
        return counts.neighbours + counts.handshakes + counts.keepalives + counts.foreign;
    };
    CHECK(control(lab.load().cipher_counts()) <= lab.load().cipher_counts().frames);
    CHECK(control(lab.load().plain_counts()) <= lab.load().plain_counts().frames);
}

void check_faultless(const DirectionCounts& counts) {
    CHECK(counts.sent > 100);
    CHECK(counts.matched == counts.sent);
    CHECK(counts.duplicates == 0);
    CHECK(counts.ancient == 0);
    CHECK(counts.corrupt == 0);
    CHECK(counts.reordered == 0);
}

TEST_CASE("every packet comes back once, whole and in order, in both directions and all families") {
    for (const Family outer : {Family::v4, Family::v6}) {
        for (const Family inner : {Family::v4, Family::v6}) {
            Lab lab({.outer = outer, .inner = inner, .preshared_keys = inner == Family::v6});
            REQUIRE(lab.connect());
            const auto result = lab.trial(kBoth, 0, 32, 2ms);
            for (const auto& [direction, part] : result) {
                check_faultless(part.counts);
                CHECK(part.counts.checked == part.counts.received);
                CHECK(part.latency.count() == part.counts.matched);
                CHECK(part.loss() == 0);
            }
            check_accounts(lab, result);
            CHECK(lab.gateway().drop_names().empty());
        }
    }
}

TEST_CASE(
    "without a gateway between the ports, plain packets come back as they were sent, with their latency") {
    for (const Family inner : {Family::v4, Family::v6}) {
        Lab lab({.inner = inner, .bare = true});
        REQUIRE(lab.connect());
        const auto result = lab.trial({Direction::encrypt}, 0, 32, 2ms);
        const load::DirectionResult& part = result.at(Direction::encrypt);
        check_faultless(part.counts);
        CHECK(part.counts.checked == part.counts.received);
        CHECK(part.latency.count() == part.counts.matched);
        CHECK(lab.load().handshaker().counts().initiations_sent == 0);
        check_accounts(lab, result);
    }
}

TEST_CASE("all frames that come are data, control or foreign") {
    Lab lab({});
    REQUIRE(lab.connect());
    const auto result = lab.trial(kBoth, 0, 32, 2ms);
    const load::PortCounts& cipher = lab.load().cipher_counts();
    CHECK(cipher.frames == result.at(Direction::encrypt).counts.received + cipher.neighbours +
                               cipher.handshakes + cipher.keepalives + cipher.foreign);
    const load::PortCounts& plain = lab.load().plain_counts();
    CHECK(plain.frames == result.at(Direction::decrypt).counts.received + plain.neighbours + plain.foreign);
    CHECK(cipher.foreign == 0);
    CHECK(plain.foreign == 0);
}

TEST_CASE("the gateway may begin every handshake") {
    Lab lab({.initiates = false});
    REQUIRE(lab.connect());
    CHECK(lab.load().handshaker().counts().initiations_sent == 0);
    CHECK(lab.load().handshaker().counts().responses_sent == 3);
    lab.run(1ms);  // what woke the gateway arrives
    for (const auto& [direction, part] : lab.trial(kBoth, 0, 16, 2ms))
        check_faultless(part.counts);
}

TEST_CASE("an open loop offers its rate, and what the wire drops is lost") {
    Lab lab({});
    REQUIRE(lab.connect());
    unsigned n = 0;
    lab.set_fate(
        [&](Wire wire, Bytes&) { return wire == Wire::from_lan && ++n % 10 == 0 ? Fate::drop : Fate::pass; });
    const auto result = lab.trial({Direction::decrypt}, 100'000, 0, 20ms).at(Direction::decrypt);
    CHECK(result.offered() == doctest::Approx(2000).epsilon(0.01));
    CHECK(result.refused + result.late == 0);
    CHECK(result.loss() == doctest::Approx(0.1).epsilon(0.02));
    CHECK(result.counts.lost() == result.counts.sent / 10);
    CHECK(result.counts.reordered == 0);
}

TEST_CASE("what the load is too slow for is no loss of the gateway's, but is told") {
    Lab lab({});
    REQUIRE(lab.connect());
    const auto result = lab.trial({Direction::encrypt}, 50e6, 0, 2ms).at(Direction::encrypt);
    CHECK(result.late > 10'000);
    CHECK(result.refused == 0);
    CHECK(result.offered() == result.counts.sent);
    CHECK(result.offered() + result.late == doctest::Approx(100'000).epsilon(0.02));  // a turn may end late
}

TEST_CASE("what the device refuses was offered, and is lost") {
    Lab lab({.tx_ring = 32});
    REQUIRE(lab.connect());
    const auto result = lab.trial({Direction::encrypt}, 50e6, 0, 2ms).at(Direction::encrypt);
    CHECK(result.refused > 10'000);
    CHECK(result.late == 0);
    CHECK(result.offered() == result.counts.sent + result.refused);
    CHECK(result.loss() >= static_cast<double>(result.refused) / static_cast<double>(result.offered()));
}

TEST_CASE("a packet that comes twice is matched once") {
    for (const Direction direction : kBoth) {
        Lab lab({});
        REQUIRE(lab.connect());
        const Wire from = direction == Direction::encrypt ? Wire::from_wan : Wire::from_lan;
        unsigned n = 0;
        lab.set_fate(
            [&](Wire wire, Bytes&) { return wire == from && ++n % 10 == 0 ? Fate::twice : Fate::pass; });
        const auto result = lab.trial({direction}, 0, 16, 2ms);
        const DirectionCounts& counts = result.at(direction).counts;
        CHECK(counts.matched == counts.sent);
        CHECK(counts.duplicates == counts.sent / 10);
        check_accounts(lab, result);
    }
}

TEST_CASE("a changed byte makes a packet corrupt") {
    for (const Direction direction : kBoth) {
        Lab lab({});
        REQUIRE(lab.connect());
        const Wire from = direction == Direction::encrypt ? Wire::from_wan : Wire::from_lan;
        unsigned n = 0;
        lab.set_fate([&](Wire wire, Bytes& frame) {
            if (wire == from && ++n % 10 == 0) frame.back() ^= 1;
            return Fate::pass;
        });
        const auto result = lab.trial({direction}, 0, 16, 2ms);
        const DirectionCounts& counts = result.at(direction).counts;
        CHECK(counts.corrupt == counts.sent / 10);
        CHECK(counts.matched + counts.corrupt == counts.sent);
        check_accounts(lab, result);
    }
}

TEST_CASE("a packet that is overtaken is counted as reordered") {
    for (const Direction direction : kBoth) {
        Lab lab({.peers = 1, .flows_per_peer = 1});
        REQUIRE(lab.connect());
        const Wire from = direction == Direction::encrypt ? Wire::from_wan : Wire::from_lan;
        unsigned n = 0;
        lab.set_fate(
            [&](Wire wire, Bytes&) { return wire == from && ++n % 10 == 0 ? Fate::late : Fate::pass; });
        const auto result = lab.trial({direction}, 0, 16, 2ms);
        const DirectionCounts& counts = result.at(direction).counts;
        CHECK(counts.reordered == doctest::Approx(counts.sent / 10).epsilon(0.05));
        CHECK(counts.corrupt == 0);
        check_accounts(lab, result);
    }
}

TEST_CASE("prepared packets run out, are prepared anew, and no counter comes twice") {
    Lab lab({.sizes = "64", .stock_bytes = 32 * 1024});
    REQUIRE(lab.connect());
    const auto result = lab.trial({Direction::decrypt}, 0, 32, 5ms).at(Direction::decrypt);
    CHECK(result.counts.sent > 1000);  // some 170 fit into the memory
    check_faultless(result.counts);
    CHECK(lab.gateway().drops(DropReason::replayed) == 0);
    CHECK(result.latency.max() < 1'000'000);
}

TEST_CASE("sessions are renewed after two minutes, and nothing is lost by it") {
    Lab lab({});
    REQUIRE(lab.connect());
    for (unsigned round = 1; round <= 5; ++round) {
        for (const auto& [direction, part] : lab.trial(kBoth, 0, 16, 1ms))
            check_faultless(part.counts);
        lab.leap(11s);
        lab.run(2ms);  // keepalives, or the gateway would begin handshakes, too
        lab.leap(110s);
        lab.run(2ms);
        CHECK(lab.load().handshaker().counts().responses_received == 3 * (round + 1));
    }
    CHECK(lab.load().handshaker().counts().refused == 0);
}

TEST_CASE("the gateway may renew the sessions that it began") {
    Lab lab({.initiates = false});
    REQUIRE(lab.connect());
    lab.run(1ms);
    for (unsigned round = 1; round <= 3; ++round) {
        for (const auto& [direction, part] : lab.trial({Direction::encrypt}, 0, 16, 1ms))
            check_faultless(part.counts);
        lab.leap(121s);
    }
    CHECK(lab.load().handshaker().counts().responses_sent >= 6);
    CHECK(lab.load().handshaker().counts().initiations_sent == 0);
}

TEST_CASE("who only receives sends a keepalive after ten seconds, so that the gateway does not call again") {
    Lab lab({});
    REQUIRE(lab.connect());
    (void)lab.trial({Direction::encrypt}, 0, 16, 1ms);
    CHECK(lab.load().handshaker().counts().keepalives_sent == 3);  // each new session's first packet
    lab.leap(11s);
    lab.run(2ms);
    CHECK(lab.load().handshaker().counts().keepalives_sent == 6);
    lab.leap(11s);
    lab.run(2ms);
    CHECK(lab.load().handshaker().counts().keepalives_sent == 6);
    CHECK(lab.load().handshaker().counts().initiations_received == 0);
}

TEST_CASE("an initiation without an answer is repeated") {
    Lab lab({});
    unsigned n = 0;
    lab.set_fate(
        [&](Wire wire, Bytes&) { return wire == Wire::from_wan && ++n <= 2 ? Fate::drop : Fate::pass; });
    lab.load().ask();
    lab.run(2ms);
    CHECK(lab.load().handshaker().ready() == 1);
    lab.leap(1100ms);
    lab.run(2ms);
    CHECK(lab.load().handshaker().ready() == 3);
    CHECK(lab.load().handshaker().counts().retries == 2);
}

}  // namespace
}  // namespace ringway::tests
