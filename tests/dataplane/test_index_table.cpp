#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <numeric>
#include <set>
#include <thread>
#include <vector>

#include "dataplane/index_table.h"
#include "dataplane/reclaim.h"
#include "tests/dataplane/rcu_readers.h"
#include "tests/support/seeded_random.h"

namespace {

using ringway::crypto::Le32;
using ringway::crypto::ReceiverIndex;
using ringway::dataplane::IndexTable;
using ringway::dataplane::Rcu;
using ringway::dataplane::Reclaimer;
using ringway::tests::RcuReaders;
using ringway::tests::SeededRandom;

constexpr std::uint32_t kNone = IndexTable::kNone;

ReceiverIndex index_of(std::uint32_t host) {
    return {Le32(host)};
}

TEST_CASE("index table: an index names a handshake, then a session, then nothing") {
    IndexTable table(10);
    SeededRandom random(1);
    const ReceiverIndex index = table.reserve(7, random).value();
    CHECK(table.lookup_handshake(index) == 7U);
    CHECK(table.lookup_session(index) == kNone);

    CHECK(table.publish_session(index, 42));
    CHECK(table.lookup_session(index) == 42);
    CHECK(!table.lookup_handshake(index));
    CHECK(!table.publish_session(index, 43));
    CHECK(table.lookup_session(index) == 42);

    CHECK(table.unpublish(index));
    CHECK(table.lookup_session(index) == kNone);
    CHECK(!table.lookup_handshake(index));
    CHECK(!table.publish_session(index, 44));
    CHECK(!table.unpublish(index));
    CHECK(table.recycle(index));
    CHECK(!table.recycle(index));
    CHECK(table.free_count() == table.capacity());
}

TEST_CASE("index table: every bit of an index is compared") {
    IndexTable table(10);
    SeededRandom random(2);
    const ReceiverIndex handshake = table.reserve(1, random).value();
    const ReceiverIndex session = table.reserve(2, random).value();
    REQUIRE(table.publish_session(session, 3));
    for (unsigned bit = 0; bit < 32; ++bit) {
        const ReceiverIndex near_handshake = index_of(handshake.value.host() ^ 1U << bit);
        const ReceiverIndex near_session = index_of(session.value.host() ^ 1U << bit);
        CHECK(!table.lookup_handshake(near_handshake));
        CHECK(table.lookup_session(near_session) == kNone);
        CHECK(!table.unpublish(near_session));
        CHECK(!table.recycle(near_session));
    }
    CHECK(table.lookup_session(session) == 3);
}

TEST_CASE("index table: nothing is found in an empty table, not even under index zero") {
    const IndexTable table(10);
    for (std::uint32_t slot = 0; slot < table.capacity(); ++slot) {
        CHECK(table.lookup_session(index_of(slot)) == kNone);
        CHECK(!table.lookup_handshake(index_of(slot)));
    }
}

TEST_CASE("index table: four indices for every peer fit, and a full table says so") {
    for (const std::uint32_t peers : {1U, 256U, 300U, 10000U}) {
        IndexTable table(peers);
        CHECK(table.capacity() >= 4 * peers);
        SeededRandom random(3);
        std::set<std::uint32_t> given;
        for (std::size_t i = 0; i < table.capacity(); ++i) {
            const auto index = table.reserve(static_cast<std::uint32_t>(i), random);
            REQUIRE(index);
            given.insert(index->value.host());
        }
        CHECK(given.size() == table.capacity());
        CHECK(!given.contains(0));
        CHECK(!table.reserve(0, random));
    }
}

TEST_CASE("index table: a slot is not used again before it is recycled") {
    IndexTable table(10);
    SeededRandom random(4);
    std::vector<ReceiverIndex> held;
    while (const auto index = table.reserve(1, random))
        held.push_back(*index);
    for (const ReceiverIndex index : held)
        REQUIRE(table.unpublish(index));
    CHECK(!table.reserve(2, random));
    CHECK(table.recycle(held[5]));
    const ReceiverIndex again = table.reserve(2, random).value();
    CHECK(again.value.host() % table.capacity() == held[5].value.host() % table.capacity());
    CHECK(!table.recycle(held[5]));
    CHECK(!table.reserve(3, random));
}

TEST_CASE("index table: ids up to the largest are kept apart from the kinds") {
    IndexTable table(1);
    SeededRandom random(5);
    const ReceiverIndex index = table.reserve(IndexTable::kMaxId, random).value();
    CHECK(table.lookup_handshake(index) == IndexTable::kMaxId);
    REQUIRE(table.publish_session(index, IndexTable::kMaxId));
    CHECK(table.lookup_session(index) == IndexTable::kMaxId);
    CHECK(!table.lookup_handshake(index));
}

TEST_CASE("index table: indices are unpredictable in all their bits") {
    IndexTable table(10000);
    SeededRandom random(6);
    constexpr int kDraws = 20000;
    std::array<int, 32> ones{};
    std::array<int, 32> changes{};
    std::uint32_t last = 0;
    for (int i = 0; i < kDraws; ++i) {
        const ReceiverIndex index = table.reserve(1, random).value();
        const std::uint32_t host = index.value.host();
        for (unsigned bit = 0; bit < 32; ++bit) {
            ones[bit] += static_cast<int>(host >> bit & 1);
            changes[bit] += static_cast<int>((host ^ last) >> bit & 1);
        }
        last = host;
        REQUIRE(table.unpublish(index));
        REQUIRE(table.recycle(index));
    }
    // Twelve standard deviations around the half; the seed is fixed anyway.
    for (unsigned bit = 0; bit < 32; ++bit) {
        CAPTURE(bit);
        CHECK(std::abs(ones[bit] - kDraws / 2) < 850);
        CHECK(std::abs(changes[bit] - kDraws / 2) < 850);
    }
}

TEST_CASE("index table: readers see an index whole while others come and go") {
    // A keypair says under which index it is published, so a reader can tell a wrong one. As in the
    // packet path its number is used again only after a grace period.
    constexpr std::uint32_t kKeypairs = 1024;
    std::array<std::atomic<std::uint32_t>, kKeypairs> index_of_keypair{};
    std::array<std::atomic<std::uint32_t>, 64> known{};
    std::vector<std::uint32_t> free_keypairs(kKeypairs);
    std::iota(free_keypairs.begin(), free_keypairs.end(), 0U);

    Rcu rcu(2);
    Reclaimer reclaimer(rcu);
    IndexTable table(kKeypairs / 4);
    SeededRandom random(7);
    const auto publish = [&] {
        const std::uint32_t keypair = free_keypairs.back();
        free_keypairs.pop_back();
        const ReceiverIndex index = table.reserve(0, random).value();
        index_of_keypair[keypair].store(index.value.host(), std::memory_order_relaxed);
        REQUIRE(table.publish_session(index, keypair));
        return index;
    };
    const auto withdraw = [&](ReceiverIndex index) {
        const std::uint32_t keypair = table.lookup_session(index);
        REQUIRE(table.unpublish(index));
        reclaimer.defer([&, index, keypair] {
            table.recycle(index);
            free_keypairs.push_back(keypair);
        });
    };
    const ReceiverIndex lasting = publish();
    const std::uint32_t lasting_keypair = table.lookup_session(lasting);

    std::atomic<std::uint32_t> next{0};
    RcuReaders readers(rcu, 2, [&] {
        if (table.lookup_session(lasting) != lasting_keypair) return false;
        const std::uint32_t index = known[next++ % known.size()].load(std::memory_order_relaxed);
        const std::uint32_t keypair = table.lookup_session(index_of(index));
        return keypair == kNone || index_of_keypair[keypair].load(std::memory_order_relaxed) == index;
    });
    readers.while_reading(50'000, 50'000, [&](std::uint64_t i) {
        reclaimer.poll();
        if (free_keypairs.empty()) return std::this_thread::yield();
        auto& held = known[i % known.size()];
        const std::uint32_t old = held.load(std::memory_order_relaxed);
        held.store(publish().value.host(), std::memory_order_relaxed);
        if (old != 0) withdraw(index_of(old));
    });
    CHECK(readers.stop() == 0);
    CHECK(table.lookup_session(lasting) == lasting_keypair);
    reclaimer.drain();
    CHECK(free_keypairs.size() == kKeypairs - 1 - known.size());
}

}  // namespace
