#include <doctest/doctest.h>

#include <memory>
#include <vector>

#include "dataplane/reclaim.h"

namespace {

using ringway::dataplane::Rcu;
using ringway::dataplane::Reclaimer;

TEST_CASE("reclaim: without online readers a free runs at the next poll, not before") {
    Rcu rcu(2);
    Reclaimer reclaimer(rcu);
    bool freed = false;
    reclaimer.defer([&] { freed = true; });
    CHECK(!freed);
    rcu.register_reader(0);  // registered but offline: it holds nothing up
    reclaimer.poll();
    CHECK(freed);
    rcu.unregister_reader(0);
}

TEST_CASE("reclaim: a free waits for every online reader to be quiescent once") {
    Rcu rcu(2);
    Reclaimer reclaimer(rcu);
    for (const unsigned reader : {0U, 1U}) {
        rcu.register_reader(reader);
        rcu.online(reader);
    }
    std::vector<int> freed;
    reclaimer.defer([&] { freed.push_back(1); });
    rcu.quiescent(0);
    reclaimer.defer([&] { freed.push_back(2); });
    reclaimer.poll();
    CHECK(freed.empty());
    rcu.quiescent(1);
    reclaimer.poll();
    CHECK(freed == std::vector{1});  // reader 0 was quiescent before the second one was deferred
    rcu.offline(0);
    reclaimer.poll();
    CHECK(freed == std::vector{1, 2});
    for (const unsigned reader : {0U, 1U})
        rcu.unregister_reader(reader);
}

TEST_CASE("reclaim: a free may defer another, which gets a grace period of its own") {
    Rcu rcu(1);
    Reclaimer reclaimer(rcu);
    rcu.register_reader(0);
    rcu.online(0);
    bool freed = false;
    reclaimer.defer([&] { reclaimer.defer([&] { freed = true; }); });
    rcu.quiescent(0);
    reclaimer.poll();
    CHECK(!freed);
    CHECK(reclaimer.pending() == 1);
    rcu.quiescent(0);
    reclaimer.poll();
    CHECK(freed);
    rcu.unregister_reader(0);
}

TEST_CASE("reclaim: objects are deleted, by drain or by the reclaimer's end") {
    Rcu rcu(1);
    const auto held = std::make_shared<int>(0);
    {
        Reclaimer reclaimer(rcu);
        reclaimer.defer(std::make_unique<std::shared_ptr<int>>(held));
        CHECK(held.use_count() == 2);
        reclaimer.drain();
        CHECK(held.use_count() == 1);
        reclaimer.defer(std::make_unique<std::shared_ptr<int>>(held));
    }
    CHECK(held.use_count() == 1);
}

}  // namespace
