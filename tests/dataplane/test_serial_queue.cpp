// The two lock-free protocols that order stands on, alone, on plain threads.

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include "dataplane/bundle_pool.h"
#include "dataplane/ready.h"
#include "dataplane/ring.h"
#include "dataplane/serial_queue.h"

namespace ringway::dataplane {

TEST_CASE("several producers, one consumer: bundles come out in the order of their counters, none lost") {
    constexpr std::uint64_t kPerProducer = 30'000;
    constexpr unsigned kProducers = 3;
    BundlePool pool(64);
    SerialQueue queue;
    std::atomic<std::uint64_t> depth_errors{0};
    std::vector<std::thread> producers;
    for (unsigned id = 0; id < kProducers; ++id) {
        producers.emplace_back([&] {
            for (std::uint64_t i = 0; i < kPerProducer;) {
                // The pool and the failed links of the others are all there can be above the truth.
                if (queue.depth() > pool.capacity() + kProducers) ++depth_errors;
                Bundle* bundle = pool.take(0);
                if (bundle == nullptr) {
                    std::this_thread::yield();
                    continue;
                }
                bundle->count = 1;
                SerialState seen;
                do {
                    seen = queue.glance();
                    bundle->first_counter = seen.counter;
                } while (!queue.link(pool, seen, bundle, seen.counter + 1));
                ++i;
            }
        });
    }
    std::uint64_t next = 0;
    std::uint64_t out_of_order = 0;
    while (next < kProducers * kPerProducer) {
        Bundle* bundle = queue.head(pool);
        if (bundle == nullptr) {
            std::this_thread::yield();
            continue;
        }
        out_of_order += bundle->first_counter == next ? 0 : 1;
        ++next;
        queue.release(1);
        queue.pop(pool);
    }
    for (std::thread& producer : producers)
        producer.join();
    CHECK(out_of_order == 0);
    CHECK(depth_errors == 0);
    CHECK(queue.head(pool) == nullptr);
    CHECK(queue.empty());
    CHECK(queue.depth() == 0);
    CHECK(pool.in_use() == 0);
}

TEST_CASE("a head whose successor is not linked yet is kept as a husk until it is") {
    BundlePool pool(4);
    SerialQueue queue;
    Bundle* first = pool.take(0);
    first->count = 1;
    REQUIRE(queue.link(pool, queue.glance(), first, 1));
    Bundle* second = pool.take(0);
    second->count = 1;
    // A stale word links nothing and leaves no trace.
    CHECK_FALSE(queue.link(pool, SerialState{}, second, 9));
    CHECK(queue.depth() == 1);
    REQUIRE(queue.link(pool, queue.glance(), second, 2));
    // As if the producer had not come to its last store: the successor is hidden.
    first->next.store(kNoBundle);
    CHECK(queue.head(pool) == first);
    queue.release(1);
    queue.pop(pool);
    CHECK(queue.head(pool) == nullptr);
    CHECK(pool.in_use() == 2);
    CHECK_FALSE(queue.empty());
    first->next.store(pool.index_of(second));
    CHECK(queue.head(pool) == second);
    CHECK(pool.in_use() == 1);
    queue.release(1);
    queue.pop(pool);
    CHECK(queue.empty());
    CHECK(pool.in_use() == 0);
}

TEST_CASE("changing the keypair leaves the queue alone, and a stale change does nothing") {
    BundlePool pool(4);
    SerialQueue queue;
    Bundle* bundle = pool.take(0);
    bundle->count = 1;
    const SerialState before = queue.glance();
    REQUIRE(queue.link(pool, before, bundle, 1));
    CHECK_FALSE(queue.exchange_keypair(before, 5, 0));
    REQUIRE(queue.exchange_keypair(queue.glance(), 5, 77));
    CHECK(queue.glance() == SerialState{pool.index_of(bundle), 5, 77});
    CHECK(queue.head(pool) == bundle);
    queue.release(1);
    queue.pop(pool);
    CHECK(queue.glance() == SerialState{kNoBundle, 5, 77});
}

TEST_CASE("ready protocol: no completion is missed, and an object is queued once at most") {
    constexpr std::uint64_t kRounds = 100'000;
    constexpr unsigned kWorkers = 3;
    struct Object {
        ReadyFlag flag;
        std::atomic<std::uint64_t> done{0};
        std::uint64_t taken = 0;
    };
    std::array<Object, 4> objects;
    // A place for each object, as the ready ring has: a push that fails is a broken protocol.
    Ring<std::uint32_t> ready(objects.size(), RingUsers::many, RingUsers::one);
    std::atomic<std::uint64_t> refused{0};
    std::vector<std::thread> workers;
    for (unsigned id = 0; id < kWorkers; ++id) {
        workers.emplace_back([&, id] {
            for (std::uint64_t i = 0; i < kRounds; ++i) {
                const auto which = static_cast<std::uint32_t>((i + id) % objects.size());
                objects[which].done.fetch_add(1, std::memory_order_release);
                if (objects[which].flag.raise() && !ready.push(which)) ++refused;
                if (i % 64 == 0) std::this_thread::yield();
            }
        });
    }
    std::uint64_t total = 0;
    for (std::uint64_t idle = 0; total < kWorkers * kRounds && idle < 100'000'000; ++idle) {
        std::uint32_t which = 0;
        if (!ready.pop(which)) {
            std::this_thread::yield();
            continue;
        }
        idle = 0;
        Object& object = objects[which];
        object.flag.lower();
        const std::uint64_t done = object.done.load(std::memory_order_acquire);
        total += done - object.taken;
        object.taken = done;
    }
    for (std::thread& worker : workers)
        worker.join();
    CHECK(total == kWorkers * kRounds);
    CHECK(refused == 0);
}

}  // namespace ringway::dataplane
