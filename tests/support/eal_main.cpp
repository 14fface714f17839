// The entry point of unit-test programs that need DPDK: no huge pages, no root, and four lcores beside
// the main one that may run on any CPU.
#define DOCTEST_CONFIG_IMPLEMENT
#include "tests/support/eal_main.h"

#include <doctest/doctest.h>
#include <sched.h>

#include <vector>

namespace ringway::tests {
namespace {

dataplane::Eal* the_eal = nullptr;

std::vector<unsigned> allowed_cpus() {
    cpu_set_t set;
    std::vector<unsigned> cpus;
    if (sched_getaffinity(0, sizeof(set), &set) != 0) return {0};
    for (unsigned cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
        if (CPU_ISSET(cpu, &set)) cpus.push_back(cpu);
    }
    return cpus;
}

}  // namespace

dataplane::Eal& eal() {
    return *the_eal;
}

}  // namespace ringway::tests

int main(int argc, char** argv) {
    doctest::Context context(argc, argv);
    ringway::dataplane::EalOptions options;
    options.hugepages = ringway::dataplane::EalOptions::Hugepages::off;
    options.memory_mib = 192;
    options.cpus.assign(1 + ringway::tests::kWorkerLcores, ringway::tests::allowed_cpus());
    ringway::dataplane::Eal eal(options);
    ringway::tests::the_eal = &eal;
    return context.run();
}
