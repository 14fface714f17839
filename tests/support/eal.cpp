#include "tests/support/eal.h"

#include <memory>
#include <vector>

#include "tests/support/told_to_sanitizer.h"

namespace ringway::tests {
namespace {

std::unique_ptr<dataplane::Eal> the_eal;

}  // namespace

void start_eal() {
    dataplane::EalOptions options;
    options.hugepages = dataplane::EalOptions::Hugepages::off;
    options.memory_mib = 192;
    options.cpus.assign(1 + kWorkerLcores, dataplane::allowed_cpus());
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
