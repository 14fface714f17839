#include "tests/support/eal.h"

#include <sched.h>

#include <memory>
#include <vector>

#include "tests/support/told_to_sanitizer.h"

namespace ringway::tests {
namespace {

std::unique_ptr<dataplane::Eal> the_eal;

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

void start_eal() {
    dataplane::EalOptions options;
    options.hugepages = dataplane::EalOptions::Hugepages::off;
    options.memory_mib = 192;
    options.cpus.assign(1 + kWorkerLcores, allowed_cpus());
    the_eal = std::make_unique<dataplane::Eal>(options);
    tell_sanitizer_of_pools();
}

void stop_eal() {
    the_eal.reset();
}

dataplane::Eal& eal() {
    return *the_eal;
}

}  // namespace ringway::tests
