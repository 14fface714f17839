// Order, loss and accounts under pressure, for as long as one likes: a part of tools/siege.
//
//     pressure [--minutes M] [--seed N] [--json FILE]

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tests/pressure/accounts.h"
#include "tests/pressure/changes.h"
#include "tests/pressure/order.h"
#include "tests/pressure/overload.h"
#include "tests/support/eal.h"
#include "tests/support/siege_part.h"

namespace ringway::tests {
namespace {

struct Arguments {
    double minutes = 1;
    std::uint64_t seed = 1;
    std::string json;
};

/// One of the rows: the most it does, and its share of the time.
struct Try {
    std::uint64_t most;
    double share;
    std::function<SiegeRow(const Trial&)> press;
};

constexpr std::uint64_t kNoEnd = ~std::uint64_t{0};

const std::vector<Try>& tries() {
    static const std::vector<Try> all{
        {10'000'000, 4, [](const Trial& trial) { return press_order(trial, Ahead::fits); }},
        {kNoEnd, 2, [](const Trial& trial) { return press_order(trial, Ahead::floods); }},
        {kNoEnd, 2, press_accounts},
        {kNoEnd, 1, [](const Trial& trial) { return press_overload(trial, Sink::wan); }},
        {kNoEnd, 1, [](const Trial& trial) { return press_overload(trial, Sink::lan); }},
        {kNoEnd, 2, press_changes},
    };
    return all;
}

/// The time that one leaves over is for those that follow.
std::vector<SiegeRow> press_all(const Arguments& arguments) {
    using Clock = std::chrono::steady_clock;
    const auto end = Clock::now() + std::chrono::duration<double>(60 * arguments.minutes);
    double shares = 0;
    for (const Try& each : tries())
        shares += each.share;
    SiegeProgress progress;
    std::vector<SiegeRow> rows;
    for (const Try& each : tries()) {
        const std::chrono::duration<double> left = end - Clock::now();
        const Trial trial{.count = each.most,
                          .time = left * (each.share / shares),
                          .seed = arguments.seed,
                          .progress = [&](const std::string& what) { progress.say(what); }};
        shares -= each.share;
        rows.push_back(each.press(trial));
        progress.clear();
        const SiegeRow& row = rows.back();
        fmt::print("{}: {} {} in {:.1f} s, {} lost\n", row.what, row.tried, row.unit, row.seconds, row.lost);
        for (const std::string& failure : row.failures)
            fmt::print("    FAILED: {}\n    again: pressure --minutes {} --seed {}\n", failure,
                       arguments.minutes, arguments.seed);
    }
    return rows;
}

int run(const Arguments& arguments) {
    start_eal();
    const std::vector<SiegeRow> rows = press_all(arguments);
    stop_eal();
    if (!arguments.json.empty()) write_siege_part(arguments.json, "pressure", rows);
    const bool held = std::all_of(rows.begin(), rows.end(),
                                  [](const SiegeRow& row) { return row.lost == 0 && row.failures.empty(); });
    return held ? 0 : 1;
}

}  // namespace
}  // namespace ringway::tests

int main(int argc, char** argv) {
    using namespace ringway::tests;
    CLI::App app("Order, loss and accounts of gateways under pressure");
    Arguments arguments;
    app.add_option("--minutes", arguments.minutes, "how long")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    app.add_option("--seed", arguments.seed, "of what is random")->capture_default_str();
    app.add_option("--json", arguments.json, "write what came out to this file, for tools/siege");
    CLI11_PARSE(app, argc, argv);
    return run(arguments);
}
