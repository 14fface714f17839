#include "tools/benchmarks/report.h"

#include <sched.h>
#include <sys/utsname.h>

#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "tools/benchmarks/commit.h"

namespace ringway::bench {
namespace {

std::string cpu_model() {
    std::ifstream in("/proc/cpuinfo");
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
    }
    return "unknown";
}

nlohmann::json machine() {
    utsname system{};
    (void)uname(&system);
    return {{"cpu", cpu_model()}, {"cpus", std::thread::hardware_concurrency()}, {"kernel", system.release}};
}

}  // namespace

void print(const std::vector<Result>& results) {
    std::printf("%-26s %14s  %s\n", "", "per second", "ratio");
    for (const Result& result : results) {
        std::printf("%-26s %14.0f  %.2f x %s\n", result.name.c_str(), result.value(), result.ratio(),
                    result.ratio_to.c_str());
    }
}

bool write_json(const std::string& file, const std::vector<Result>& results) {
    nlohmann::json out = {{"machine", machine()}, {"commit", kCommit}, {"results", nlohmann::json::array()}};
    for (const Result& result : results) {
        out["results"].push_back({{"name", result.name},
                                  {"value", result.value()},
                                  {"unit", result.unit},
                                  {"ratio", result.ratio()},
                                  {"ratio_to", result.ratio_to},
                                  {"runs", result.runs}});
    }
    std::ofstream to(file);
    to << out.dump(2) << '\n';
    return to.good();
}

void pin() {
    cpu_set_t here;
    CPU_ZERO(&here);
    CPU_SET(static_cast<std::size_t>(sched_getcpu()), &here);
    (void)sched_setaffinity(0, sizeof(here), &here);
}

}  // namespace ringway::bench
