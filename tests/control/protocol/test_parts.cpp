// The engine's parts by themselves.

#include <doctest/doctest.h>

#include <map>

#include "control/protocol/deadline_heap.h"
#include "control/protocol/durations.h"
#include "control/protocol/load.h"
#include "control/protocol/rate_limiter.h"
#include "control/protocol/status.h"
#include "control/protocol/timestamp_source.h"
#include "control/protocol/verdict.h"
#include "tests/control/protocol/seeded_random.h"

namespace ringway::control::protocol::test {
namespace {

using namespace std::chrono_literals;

TEST_CASE("the deadline heap agrees with a sorted map under random changes") {
    constexpr PeerId kPeers = 200;
    std::mt19937_64 random(7);
    DeadlineHeap heap(kPeers);
    std::map<PeerId, Nanoseconds> model;
    for (int step = 0; step < 20'000; ++step) {
        const auto peer = static_cast<PeerId>(random() % kPeers);
        if (random() % 3 == 0) {
            heap.clear(peer);
            model.erase(peer);
        } else {
            const Nanoseconds deadline = 1 + random() % 1000;
            heap.set(peer, deadline);
            model[peer] = deadline;
        }
        REQUIRE(heap.size() == model.size());
        REQUIRE(heap.soonest().has_value() == !model.empty());
        if (model.empty()) continue;
        Nanoseconds soonest = ~Nanoseconds{0};
        for (const auto& [id, deadline] : model)
            soonest = std::min(soonest, deadline);
        REQUIRE(heap.soonest()->deadline == soonest);
        REQUIRE(model.at(heap.soonest()->peer) == soonest);
    }
}

dataplane::IpAddress v4(std::uint8_t last) {
    return {.bytes = {192, 0, 2, last}};
}

dataplane::IpAddress v6(std::uint8_t network, std::uint8_t host) {
    dataplane::IpAddress address{.family = dataplane::Family::v6, .bytes = {0x20, 1, 0xd, 0xb8}};
    address.bytes[7] = network;
    address.bytes[15] = host;
    return address;
}

int allowed(RateLimiter& limiter, const dataplane::IpAddress& source, Nanoseconds now, int tries) {
    int count = 0;
    for (int i = 0; i < tries; ++i)
        count += limiter.allow(source, now) ? 1 : 0;
    return count;
}

TEST_CASE("a source gets a burst of 5, then 20 a second") {
    SeededRandom random(1);
    RateLimiter limiter(64, random);
    Nanoseconds now = ns(1h);
    CHECK(allowed(limiter, v4(1), now, 100) == 5);
    CHECK(allowed(limiter, v4(1), now + ns(49ms), 10) == 0);
    CHECK(allowed(limiter, v4(1), now + ns(50ms), 10) == 1);
    now += ns(10s);
    CHECK(allowed(limiter, v4(1), now, 100) == 5);
    int count = 0;
    for (int step = 1; step <= 1000; ++step)
        count += allowed(limiter, v4(1), now + step * ns(10ms), 3);
    CHECK(count == 200);
}

TEST_CASE("sources are IPv4 addresses and IPv6 /64s") {
    SeededRandom random(1);
    RateLimiter limiter(1024, random);
    const Nanoseconds now = ns(1h);
    CHECK(allowed(limiter, v4(1), now, 10) == 5);
    CHECK(allowed(limiter, v4(2), now, 10) == 5);
    CHECK(allowed(limiter, v6(1, 1), now, 10) == 5);
    CHECK(allowed(limiter, v6(1, 2), now, 10) == 0);
    CHECK(allowed(limiter, v6(2, 1), now, 10) == 5);
}

TEST_CASE("an IPv4 address and an IPv6 network of the same bytes are two sources") {
    SeededRandom random(1);
    RateLimiter limiter(8, random);  // one set, so that only the comparison tells them apart
    CHECK(allowed(limiter, {.family = dataplane::Family::v4, .bytes = {1, 2, 3, 4}}, 1, 10) == 5);
    CHECK(allowed(limiter, {.family = dataplane::Family::v6, .bytes = {1, 2, 3, 4}}, 1, 10) == 5);
}

TEST_CASE("a full rate limiter refuses newcomers, keeps old sources' counts, and recovers by itself") {
    SeededRandom random(1);
    RateLimiter limiter(8, random);
    const Nanoseconds now = ns(1h);
    for (std::uint8_t i = 0; i < 8; ++i)
        CHECK(allowed(limiter, v4(i), now, 10) == 5);
    CHECK(allowed(limiter, v4(100), now, 10) == 0);
    CHECK(allowed(limiter, v4(3), now, 10) == 0);
    CHECK(allowed(limiter, v4(100), now + ns(250ms), 10) == 5);
}

TEST_CASE("load is an eighth of the queue, and holds for a second") {
    LoadMonitor load(4096);
    const Nanoseconds now = ns(1h);
    load.note_queue_depth(511, now);
    CHECK_FALSE(load.under_load(now));
    load.note_queue_depth(512, now);
    CHECK(load.under_load(now));
    load.note_queue_depth(0, now + ns(500ms));
    CHECK(load.under_load(now + ns(999ms)));
    CHECK_FALSE(load.under_load(now + ns(1s)));
}

TEST_CASE("timestamps to one peer rise strictly when the clock stands still or goes back") {
    std::uint64_t wall = 1'000'000'000'000;
    TimestampSource source([&] { return wall; });
    crypto::Tai64n last;
    crypto::Tai64n before = source.advance(last);
    for (const std::int64_t step :
         std::initializer_list<std::int64_t>{0, 0, -5'000'000'000, 0, 1, 7'000'000'000, -1}) {
        wall += static_cast<std::uint64_t>(step);
        const crypto::Tai64n now = source.advance(last);
        CHECK(now > before);
        CHECK(source.greatest() == now);
        before = now;
    }
}

TEST_CASE("timestamps to many peers do not run ahead of the clock") {
    const std::uint64_t wall = 1'000'000'000'000;
    TimestampSource source([&] { return wall; });
    for (int i = 0; i < 1000; ++i) {
        crypto::Tai64n last;
        CHECK(source.advance(last) == crypto::Tai64n::from_unix(wall));
    }
}

TEST_CASE("every verdict and every problem has a name of its own") {
    std::map<std::string_view, int> names;
    for (std::size_t i = 0; i < kVerdicts; ++i)
        ++names[name(static_cast<Verdict>(i))];
    CHECK(names.size() == kVerdicts);
    CHECK_FALSE(names.contains("unknown"));
    CHECK(name(PeerProblem::no_answer) == "no_answer");
    CHECK(is_accepted(Verdict::cookie_accepted));
    CHECK_FALSE(is_accepted(Verdict::bad_length));
}

}  // namespace
}  // namespace ringway::control::protocol::test
