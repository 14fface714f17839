#include "control/calls.h"

#include <doctest/doctest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace ringway::control {

TEST_CASE("work of many threads is done by one, each result going where it belongs") {
    Calls calls;
    std::atomic<int> right = 0;
    const auto server = std::this_thread::get_id();
    std::vector<std::thread> callers;
    for (int i = 0; i < 8; ++i) {
        callers.emplace_back([&, i] {
            for (int k = 0; k < 50; ++k) {
                const auto [number, thread] = calls.call([=] {
                    return std::pair{i * 1000 + k, std::this_thread::get_id()};
                });
                if (number == i * 1000 + k && thread == server) ++right;
            }
        });
    }
    while (right != 400)
        calls.serve();
    for (std::thread& caller : callers)
        caller.join();
}

TEST_CASE("what the work throws, the caller gets") {
    Calls calls;
    std::atomic<bool> thrown = false;
    std::thread caller([&] {
        CHECK_THROWS_WITH(calls.call([]() -> int { throw std::invalid_argument("no"); }), "no");
        thrown = true;
    });
    while (!thrown)
        calls.serve();
    caller.join();
}

TEST_CASE("a gateway that stops lets those go who wait, and refuses those who come") {
    Calls calls;
    std::atomic<bool> ran = false;
    std::thread caller([&] { CHECK_THROWS_AS(calls.call([&] { ran = true; }), GatewayStopping); });
    std::this_thread::sleep_for(
        std::chrono::milliseconds(20));  // most likely it waits by now; either is right
    calls.close();
    caller.join();
    CHECK_FALSE(ran);
    CHECK_THROWS_AS(calls.call([] {}), GatewayStopping);
}

}  // namespace ringway::control
