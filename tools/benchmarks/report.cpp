#include "tools/benchmarks/report.h"

#include <sched.h>

#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tools/benchmarks/machine.h"

namespace ringway::bench {
namespace {

nlohmann::json to_json(const Result& result) {
    nlohmann::json out = {
        {"name", result.name}, {"value", result.value()}, {"unit", result.unit}, {"runs", result.runs}};
    if (!result.others.empty()) {
        out["ratio"] = result.ratio();
        out["ratio_to"] = result.ratio_to;
        out["ratios"] = result.ratios();
    }
    return out;
}

}  // namespace

void print_heading() {
    std::printf("%-48s %14s %-12s %s\n", "", "median", "", "ratio");
}

void print(const Result& result) {
    std::printf("%-48s %14.*f %-12s", result.name.c_str(), result.value() < 1000 ? 2 : 0, result.value(),
                result.unit.c_str());
    if (!result.others.empty()) std::printf(" %.2f x %s", result.ratio(), result.ratio_to.c_str());
    std::putchar('\n');
    std::fflush(stdout);
}

void print(const std::vector<Result>& results) {
    print_heading();
    for (const Result& result : results)
        print(result);
}

bool write_json(const std::string& file, const std::vector<Result>& results) {
    nlohmann::json out = machine_and_commit();
    out["results"] = nlohmann::json::array();
    for (const Result& result : results)
        out["results"].push_back(to_json(result));
    std::ofstream to(file);
    to << out.dump(1) << '\n';
    return to.good();
}

void pin() {
    cpu_set_t here;
    CPU_ZERO(&here);
    CPU_SET(static_cast<std::size_t>(sched_getcpu()), &here);
    (void)sched_setaffinity(0, sizeof(here), &here);
}

}  // namespace ringway::bench
