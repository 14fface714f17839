#include <doctest/doctest.h>

#include <atomic>
#include <cstdint>
#include <map>
#include <random>
#include <utility>
#include <vector>

#include "dataplane/neighbour_table.h"
#include "dataplane/reclaim.h"
#include "tests/dataplane/rcu_readers.h"

namespace {

using namespace ringway::dataplane;

/// Different numbers give different addresses, alternately IPv4 and IPv6.
IpAddress address(std::uint32_t number) {
    IpAddress out{.family = number % 2 == 0 ? Family::v4 : Family::v6};
    for (std::size_t i = 0; i < 4; ++i) {
        out.bytes[out.size() - 1 - i] = static_cast<std::uint8_t>(number >> 8 * i);
    }
    return out;
}

Neighbour usable(std::uint8_t mark) {
    return {.mac = {2, mark, mark, mark, mark, mark}, .state = NeighbourState::usable};
}

struct Fixture {
    explicit Fixture(std::size_t capacity = 64) : table(capacity, 0x243f6a8885a308d3, reclaimer) {}
    ~Fixture() { reclaimer.drain(); }
    Rcu rcu{2};
    Reclaimer reclaimer{rcu};
    NeighbourTable table;
};

std::vector<std::pair<PortIndex, IpAddress>> take_used(NeighbourTable& table) {
    std::vector<std::pair<PortIndex, IpAddress>> used;
    table.for_each_used(
        [&](PortIndex port, const IpAddress& at, const Neighbour&) { used.emplace_back(port, at); });
    return used;
}

TEST_CASE("neighbour table: a neighbour is found by port and address, of either family") {
    Fixture f;
    IpAddress v4{.family = Family::v4, .bytes = {10, 0, 0, 1}};
    IpAddress v6{.family = Family::v6, .bytes = {10, 0, 0, 1}};
    REQUIRE(f.table.set(0, v4, usable(1)));
    REQUIRE(f.table.set(0, v6, usable(2)));
    REQUIRE(f.table.set(1, v4, usable(3)));
    CHECK(f.table.lookup(0, v4) == usable(1));
    CHECK(f.table.lookup(0, v6) == usable(2));
    CHECK(f.table.lookup(1, v4) == usable(3));
    CHECK(f.table.lookup(1, v6) == Neighbour{});
    CHECK(f.table.size() == 3);
}

TEST_CASE("neighbour table: the same address behind many ports is many neighbours, in whatever chains") {
    Fixture f(64);
    for (PortIndex port = 0; port < 64; ++port) {
        REQUIRE(f.table.set(port, address(1), usable(static_cast<std::uint8_t>(port))));
    }
    for (PortIndex port = 0; port < 64; ++port) {
        CHECK(f.table.lookup(port, address(1)) == usable(static_cast<std::uint8_t>(port)));
    }
}

TEST_CASE("neighbour table: what is known of a neighbour can change and be forgotten") {
    Fixture f;
    REQUIRE(f.table.set(0, address(1), usable(1)));
    REQUIRE(f.table.set(0, address(1), {.state = NeighbourState::failed}));
    CHECK(f.table.lookup(0, address(1)).state == NeighbourState::failed);
    CHECK(f.table.size() == 1);
    REQUIRE(f.table.set(0, address(1), {.state = NeighbourState::absent}));
    CHECK(f.table.lookup(0, address(1)).state == NeighbourState::absent);
    CHECK(f.table.size() == 0);
    CHECK(!f.table.remove(0, address(1)));
}

TEST_CASE("neighbour table: a port's neighbours go with it, the others stay") {
    Fixture f;
    for (std::uint32_t i = 0; i < 60; ++i)
        REQUIRE(f.table.set(i % 3 == 0 ? 7 : 8, address(i), usable(1)));
    f.table.remove_port(7);
    CHECK(f.table.size() == 40);
    for (std::uint32_t i = 0; i < 60; ++i) {
        CHECK(f.table.lookup(7, address(i)).is_usable() == false);
        CHECK(f.table.lookup(8, address(i)).is_usable() == (i % 3 != 0));
    }
}

TEST_CASE(
    "neighbour table: a full table refuses a new neighbour, still changes known ones, and has room again "
    "later") {
    Fixture f(16);
    for (std::uint32_t i = 0; i < 16; ++i)
        REQUIRE(f.table.set(0, address(i), usable(1)));
    CHECK(!f.table.set(0, address(16), usable(1)));
    CHECK(f.table.set(0, address(3), usable(2)));
    CHECK(f.table.lookup(0, address(3)) == usable(2));
    CHECK(f.table.remove(0, address(3)));
    CHECK(!f.table.set(0, address(16), usable(1)));  // its entry waits for a grace period
    f.reclaimer.poll();
    CHECK(f.table.set(0, address(16), usable(1)));
    CHECK(f.table.lookup(0, address(16)) == usable(1));
}

TEST_CASE("neighbour table: an entry is not used again while a reader may stand on it") {
    Fixture f(1);
    f.rcu.register_reader(0);
    f.rcu.online(0);
    REQUIRE(f.table.set(0, address(1), usable(1)));
    REQUIRE(f.table.remove(0, address(1)));
    f.reclaimer.poll();
    CHECK(!f.table.set(0, address(2), usable(2)));
    f.rcu.quiescent(0);
    f.reclaimer.poll();
    CHECK(f.table.set(0, address(2), usable(2)));
    f.rcu.unregister_reader(0);
}

TEST_CASE("neighbour table: a look-up marks a neighbour as used until the mark is taken") {
    Fixture f;
    for (std::uint32_t i = 0; i < 4; ++i)
        REQUIRE(f.table.set(5, address(i), usable(1)));
    CHECK(take_used(f.table).empty());
    CHECK(f.table.lookup(5, address(2)).is_usable());
    CHECK(f.table.lookup(5, address(2)).is_usable());
    CHECK(take_used(f.table) == std::vector{std::pair{PortIndex{5}, address(2)}});
    CHECK(take_used(f.table).empty());
    // The mark belongs to the neighbour, not to its entry.
    CHECK(f.table.lookup(5, address(2)).is_usable());
    REQUIRE(f.table.remove(5, address(2)));
    f.reclaimer.poll();
    REQUIRE(f.table.set(5, address(9), usable(1)));
    CHECK(take_used(f.table).empty());
}

TEST_CASE("neighbour table: a look for people tells the same and is no use") {
    Fixture f;
    const IpAddress at{.family = Family::v4, .bytes = {10, 0, 0, 1}};
    REQUIRE(f.table.set(0, at, usable(1)));
    (void)take_used(f.table);
    CHECK(f.table.peek(0, at) == usable(1));
    CHECK(f.table.peek(1, at) == Neighbour{});
    CHECK(take_used(f.table).empty());
}

TEST_CASE("neighbour table: random changes agree with a map") {
    Fixture f(200);
    std::map<std::pair<PortIndex, IpAddress>, Neighbour> known;
    std::mt19937 random(1);
    for (int i = 0; i < 20000; ++i) {
        const auto port = static_cast<PortIndex>(random() % 2);
        const IpAddress at = address(random() % 250);
        if (random() % 3 == 0) {
            CHECK(f.table.remove(port, at) == (known.erase({port, at}) == 1));
        } else {
            const Neighbour now = usable(static_cast<std::uint8_t>(random()));
            if (f.table.set(port, at, now)) known[{port, at}] = now;
        }
        if (random() % 16 == 0) f.reclaimer.poll();
        CHECK(f.table.size() == known.size());
        const auto asked = std::pair{static_cast<PortIndex>(random() % 2), address(random() % 250)};
        const auto expected = known.find(asked);
        CHECK(f.table.lookup(asked.first, asked.second) ==
              (expected == known.end() ? Neighbour{} : expected->second));
    }
    std::map<std::pair<PortIndex, IpAddress>, Neighbour> listed;
    f.table.for_each([&](PortIndex port, const IpAddress& at, const Neighbour& each) {
        listed[{port, at}] = each;
    });
    CHECK(listed == known);
}

TEST_CASE(
    "neighbour table: readers see a whole MAC address, and never lose a neighbour whose chain changes") {
    Fixture f(8);  // few buckets, so that chains change under the readers
    REQUIRE(f.table.set(0, address(1), usable(0)));
    std::atomic<std::uint32_t> next{0};
    ringway::tests::RcuReaders readers(f.rcu, 2, [&] {
        const Neighbour changing = f.table.lookup(0, address(1));
        if (changing != usable(changing.mac[1])) return false;
        const std::uint32_t number = 2 + next++ % 20;
        const Neighbour other = f.table.lookup(0, address(number));
        return other == Neighbour{} || other == usable(static_cast<std::uint8_t>(number));
    });
    readers.while_reading(100'000, 50'000, [&](std::uint64_t i) {
        REQUIRE(f.table.set(0, address(1), usable(static_cast<std::uint8_t>(i))));
        const auto number = static_cast<std::uint32_t>(2 + i % 20);
        if (!f.table.remove(0, address(number))) {
            static_cast<void>(f.table.set(0, address(number), usable(static_cast<std::uint8_t>(number))));
        }
        f.reclaimer.poll();
    });
    CHECK(readers.stop() == 0);
}

}  // namespace
