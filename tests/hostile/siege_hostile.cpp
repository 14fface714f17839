// The attacks of attacks.h in their long form, one after the other with new seeds for as long as there is
// time: a part of tools/siege.
//
//     siege-hostile [--minutes M] [--seed N] [--json FILE] [--only ATTACK]

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/hostile/attacks.h"
#include "tests/hostile/threads.h"
#include "tests/support/eal.h"

namespace ringway::tests {
namespace {

using Clock = std::chrono::steady_clock;

struct Arguments {
    double minutes = 1;
    std::uint64_t seed = 1;
    std::string json;
    std::string only;  ///< an attack's name
};

struct Row {
    std::string what;
    std::uint64_t tried = 0;
    double seconds = 0;
    std::vector<std::string> failures;
};

/// One attack by its name: those of one thread, and the one of several.
AttackOutcome run(const Row& row, std::uint64_t seed, Effort effort) {
    for (const Attack& attack : attacks()) {
        if (attack.name == row.what) return run_attack(attack, seed, effort);
    }
    return replays_from_several_threads(seed, effort == Effort::thorough ? 20 : 2);
}

class Siege {
  public:
    explicit Siege(const Arguments& arguments) : arguments_(arguments), began_(Clock::now()) {
        for (const Attack& attack : attacks())
            add(std::string(attack.name));
        add("replays from several threads");
    }

    /// All attacks in turn until the time is over, each once at least; briefly for a start.
    void go_on() {
        for (std::uint64_t round = 0; round == 0 || !is_over(); ++round) {
            for (Row& row : rows_) {
                if (round != 0 && is_over()) return;
                attack(row, arguments_.seed + round, round == 0 ? Effort::brief : Effort::thorough);
            }
        }
    }

    [[nodiscard]] bool has_held() const {
        return std::ranges::all_of(rows_, [](const Row& row) { return row.failures.empty(); });
    }

    void write() const {
        nlohmann::json rows = nlohmann::json::array();
        for (const Row& row : rows_) {
            rows.push_back({{"what", "hostile packets: " + row.what},
                            {"tried", row.tried},
                            {"unit", "frames"},
                            {"seconds", row.seconds},
                            {"lost", row.failures.size()},
                            {"failures", row.failures}});
        }
        if (!arguments_.json.empty())
            std::ofstream(arguments_.json)
                << nlohmann::json{{"part", "hostile"}, {"rows", rows}}.dump(1) << '\n';
    }

  private:
    void add(const std::string& name) {
        if (arguments_.only.empty() || arguments_.only == name) rows_.push_back({.what = name});
    }
    [[nodiscard]] bool is_over() const {
        return Clock::now() - began_ >= arguments_.minutes * std::chrono::minutes(1);
    }

    void attack(Row& row, std::uint64_t seed, Effort effort) {
        tell(row.what);
        const auto start = Clock::now();
        const AttackOutcome outcome = run(row, seed, effort);
        row.seconds += std::chrono::duration<double>(Clock::now() - start).count();
        row.tried += outcome.frames;
        for (const std::string& failure : outcome.failures) {
            row.failures.push_back(fmt::format("{}: {} (siege-hostile --seed {} --only '{}')", row.what,
                                               failure, seed, row.what));
            fmt::print(stderr, "{}\n", row.failures.back());
        }
    }

    /// At most a line in three seconds.
    void tell(const std::string& what) {
        const auto now = Clock::now();
        if (now - told_ < std::chrono::seconds(3)) return;
        told_ = now;
        const double passed = std::chrono::duration<double>(now - began_).count();
        fmt::print(stderr, "{}{:.0f} s: {}{}", isatty(STDERR_FILENO) != 0 ? "\r" : "", passed, what,
                   isatty(STDERR_FILENO) != 0 ? "\033[K" : "\n");
    }

    const Arguments& arguments_;
    const Clock::time_point began_;
    Clock::time_point told_{};
    std::vector<Row> rows_;
};

int siege(const Arguments& arguments) {
    start_eal();
    bool held = false;
    {
        Siege siege(arguments);
        siege.go_on();
        siege.write();
        held = siege.has_held();
    }
    stop_eal();
    return held ? 0 : 1;
}

}  // namespace
}  // namespace ringway::tests

int main(int argc, char** argv) {
    using namespace ringway::tests;
    CLI::App app("Hostile packets for a gateway in memory, for as long as there is time");
    Arguments arguments;
    app.add_option("--minutes", arguments.minutes, "how long")->capture_default_str();
    app.add_option("--seed", arguments.seed, "of the first round; each later one has the next")
        ->capture_default_str();
    app.add_option("--json", arguments.json, "write what came out to this file");
    app.add_option("--only", arguments.only, "one attack, by its name");
    CLI11_PARSE(app, argc, argv);
    return siege(arguments);
}
