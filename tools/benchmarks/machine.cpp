#include "tools/benchmarks/machine.h"

#include <sys/utsname.h>

#include <fstream>
#include <string>
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

nlohmann::json machine_and_commit() {
    return {{"machine", machine()}, {"commit", kCommit}};
}

}  // namespace ringway::bench
