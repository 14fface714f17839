// Runs worlds, one for each seed, and names those in which a rule was broken.
//
//     simulate [--seeds N] [--first SEED] [--hours H] [--jobs J]
//     simulate --minutes M --seed SEED --json FILE        as a part of tools/siege

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "tests/simulation/world.h"
#include "tests/support/siege_part.h"

namespace ringway::simulation {
namespace {

using Clock = std::chrono::steady_clock;

struct Arguments {
    std::uint64_t seeds = 1000;
    double minutes = 0;  ///< not 0: as many seeds as fit in there
    std::uint64_t first = 1;
    double hours = 1;
    unsigned jobs = std::max(1U, std::thread::hardware_concurrency());
    std::string json;
};

class Total {
  public:
    void add(std::uint64_t seed, const Outcome& outcome) {
        const std::lock_guard guard(lock_);
        ++worlds_;
        packets_ += outcome.packets;
        slowest_recovery_ = std::max(slowest_recovery_, outcome.slowest_recovery_seconds);
        progress_.say(fmt::format("{} worlds, {} packets, {} broken", worlds_, packets_, broken_.size()));
        if (!outcome.violation) return;
        broken_.push_back(fmt::format("seed {}: {}", seed, *outcome.violation));
        progress_.clear();
        fmt::print("{}\n", broken_.back());
        (void)std::fflush(stdout);
    }

    /// REQUIRES: nobody adds any more.
    void conclude(const Arguments& arguments, double seconds) {
        progress_.clear();
        fmt::print("{} worlds of {} hours in {:.1f} s: {} packets, slowest recovery {:.1f} s, {} broken\n",
                   worlds_, arguments.hours, seconds, packets_, slowest_recovery_, broken_.size());
        if (!arguments.json.empty())
            tests::write_siege_part(arguments.json, "simulation", rows(arguments.hours, seconds));
    }
    [[nodiscard]] bool all_held() const { return broken_.empty(); }

  private:
    [[nodiscard]] std::vector<tests::SiegeRow> rows(double hours, double seconds) const {
        std::vector<std::string> failures;
        for (const std::string& broken : broken_) {
            const std::string seed = broken.substr(5, broken.find(':') - 5);
            failures.push_back(
                fmt::format("{}; again: build/tests/simulation/simulate --seeds 1 --first {} --hours {}",
                            broken, seed, hours));
        }
        return {
            {.what = fmt::format("worlds of {} h of protocol time, no rule broken", hours),
             .tried = worlds_,
             .unit = "worlds",
             .seconds = seconds,
             .failures = failures},
            {.what = "packets accepted in them", .tried = packets_, .unit = "packets", .seconds = seconds}};
    }

    std::mutex lock_;
    tests::SiegeProgress progress_;
    std::uint64_t worlds_ = 0;
    std::uint64_t packets_ = 0;
    double slowest_recovery_ = 0;
    std::vector<std::string> broken_;
};

/// Seeds, until there are no more or the time is over.
class Seeds {
  public:
    explicit Seeds(const Arguments& arguments)
        : timed_(arguments.minutes > 0),
          end_(Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                  std::chrono::duration<double>(60 * arguments.minutes))),
          next_(arguments.first),
          last_(arguments.first + arguments.seeds) {}

    [[nodiscard]] std::optional<std::uint64_t> take() {
        if (timed_ && Clock::now() >= end_) return std::nullopt;
        const std::uint64_t seed = next_.fetch_add(1);
        if (!timed_ && seed >= last_) return std::nullopt;
        return seed;
    }

  private:
    const bool timed_;
    const Clock::time_point end_;
    std::atomic<std::uint64_t> next_;
    const std::uint64_t last_;
};

int run(const Arguments& arguments) {
    const auto start = Clock::now();
    Total total;
    Seeds seeds(arguments);
    std::vector<std::jthread> workers;
    for (unsigned i = 0; i < arguments.jobs; ++i) {
        workers.emplace_back([&] {
            while (const auto seed = seeds.take())
                total.add(*seed, run_world({.seed = *seed, .hours = arguments.hours}));
        });
    }
    workers.clear();
    total.conclude(arguments, std::chrono::duration<double>(Clock::now() - start).count());
    return total.all_held() ? 0 : 1;
}

}  // namespace
}  // namespace ringway::simulation

int main(int argc, char** argv) {
    using namespace ringway::simulation;
    CLI::App app("Gateways in a simulated world; a seed that breaks a rule does so every time");
    Arguments arguments;
    app.add_option("--seeds", arguments.seeds, "how many worlds")->capture_default_str();
    app.add_option("--minutes", arguments.minutes, "as many worlds as so long allows, instead")
        ->check(CLI::PositiveNumber);
    app.add_option("--first,--seed", arguments.first, "the first one's seed")->capture_default_str();
    app.add_option("--hours", arguments.hours, "of protocol time in each")->capture_default_str();
    app.add_option("--jobs", arguments.jobs, "worlds at a time")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    app.add_option("--json", arguments.json, "write what came out to this file, for tools/siege");
    CLI11_PARSE(app, argc, argv);
    return run(arguments);
}
