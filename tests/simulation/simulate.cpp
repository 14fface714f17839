// Runs worlds, one for each seed, and names those in which a rule was broken.
//
//     simulate [--seeds N] [--first SEED] [--hours H] [--jobs J]

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <mutex>
#include <thread>
#include <vector>

#include "tests/simulation/world.h"

namespace ringway::simulation {
namespace {

struct Arguments {
    std::uint64_t seeds = 1000;
    std::uint64_t first = 1;
    double hours = 1;
    unsigned jobs = std::max(1U, std::thread::hardware_concurrency());
};

struct Total {
    std::mutex lock;
    std::uint64_t worlds = 0;
    std::uint64_t packets = 0;
    std::uint64_t broken = 0;
    double slowest_recovery = 0;

    void add(std::uint64_t seed, const Outcome& outcome) {
        const std::lock_guard guard(lock);
        ++worlds;
        packets += outcome.packets;
        slowest_recovery = std::max(slowest_recovery, outcome.slowest_recovery_seconds);
        if (!outcome.violation) return;
        ++broken;
        fmt::print("seed {}: {}\n", seed, *outcome.violation);
        std::fflush(stdout);
    }
};

int run(const Arguments& arguments) {
    const auto start = std::chrono::steady_clock::now();
    Total total;
    std::atomic<std::uint64_t> next{arguments.first};
    std::vector<std::jthread> workers;
    for (unsigned i = 0; i < arguments.jobs; ++i) {
        workers.emplace_back([&] {
            for (;;) {
                const std::uint64_t seed = next.fetch_add(1);
                if (seed >= arguments.first + arguments.seeds) return;
                total.add(seed, run_world({.seed = seed, .hours = arguments.hours}));
            }
        });
    }
    workers.clear();
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - start;
    fmt::print("{} worlds of {} hours in {:.1f} s: {} packets, slowest recovery {:.1f} s, {} broken\n",
               total.worlds, arguments.hours, passed.count(), total.packets, total.slowest_recovery,
               total.broken);
    return total.broken == 0 ? 0 : 1;
}

}  // namespace
}  // namespace ringway::simulation

int main(int argc, char** argv) {
    using namespace ringway::simulation;
    CLI::App app("Gateways in a simulated world; a seed that breaks a rule does so every time");
    Arguments arguments;
    app.add_option("--seeds", arguments.seeds, "how many worlds")->capture_default_str();
    app.add_option("--first", arguments.first, "the first one's seed")->capture_default_str();
    app.add_option("--hours", arguments.hours, "of protocol time in each")->capture_default_str();
    app.add_option("--jobs", arguments.jobs, "worlds at a time")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    CLI11_PARSE(app, argc, argv);
    return run(arguments);
}
