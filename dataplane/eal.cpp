#include "dataplane/eal.h"

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_launch.h>
#include <rte_lcore.h>

#include <fstream>
#include <stdexcept>

namespace ringway::dataplane {
namespace {

/// Free huge pages of any size, in MiB.
std::size_t free_hugepage_mib() {
    std::ifstream meminfo("/proc/meminfo");
    std::string key;
    std::size_t free_pages = 0;
    std::size_t page_kib = 0;
    for (std::string line; std::getline(meminfo, line);) {
        const auto colon = line.find(':');
        if (colon == std::string::npos) continue;
        if (line.compare(0, colon, "HugePages_Free") == 0) free_pages = std::stoul(line.substr(colon + 1));
        if (line.compare(0, colon, "Hugepagesize") == 0) page_kib = std::stoul(line.substr(colon + 1));
    }
    return free_pages * page_kib / 1024;
}

bool choose_hugepages(const EalOptions& options) {
    switch (options.hugepages) {
        case EalOptions::Hugepages::off:
            return false;
        case EalOptions::Hugepages::required:
            return true;
        case EalOptions::Hugepages::automatic:
            break;
    }
    return free_hugepage_mib() >= options.memory_mib;
}

/// "0@(0,1),1@(2)": which CPUs each EAL lcore may run on.
std::string lcore_map(const std::vector<std::vector<unsigned>>& cpus) {
    std::string map;
    for (std::size_t i = 0; i < cpus.size(); ++i) {
        if (i != 0) map += ',';
        map += std::to_string(i) + "@(";
        for (std::size_t k = 0; k < cpus[i].size(); ++k)
            map += (k == 0 ? "" : ",") + std::to_string(cpus[i][k]);
        map += ')';
    }
    return map;
}

}  // namespace

int Eal::run(void* launched) {
    const Launched& own = *static_cast<const Launched*>(launched);
    (*own.body)();
    own.eal->ended_.fetch_add(1, std::memory_order_release);
    return 0;
}

Eal::Eal(const EalOptions& options) : hugepages_(choose_hugepages(options)) {
    std::vector<std::string> arguments{"ringway", "--lcores=" + lcore_map(options.cpus), "--no-telemetry",
                                       "--log-level=lib.eal:" + std::string(options.verbose ? "7" : "4")};
    if (hugepages_) {
        arguments.insert(arguments.end(), {"--in-memory", "-m", std::to_string(options.memory_mib)});
    } else {
        // No files of its own either: several gateways may run beside each other.
        arguments.insert(arguments.end(),
                         {"--no-huge", "--no-shconf", "-m", std::to_string(options.memory_mib)});
    }
    if (options.pci_devices.empty()) arguments.emplace_back("--no-pci");
    for (const std::string& device : options.pci_devices) {
        arguments.insert(arguments.end(), {"-a", device});
    }

    std::vector<char*> argv;
    for (std::string& argument : arguments)
        argv.push_back(argument.data());
    if (rte_eal_init(static_cast<int>(argv.size()), argv.data()) < 0) {
        std::string hint = hugepages_ ? " (are there enough free huge pages? see system.hugepages)" : "";
        throw std::runtime_error(std::string("DPDK can't start: ") + rte_strerror(rte_errno) + hint);
    }
}

Eal::~Eal() {
    join();
    (void)rte_eal_cleanup();
}

void Eal::launch(unsigned number, const std::function<void()>& body) {
    launched_.push_back({this, &body});
    if (rte_eal_remote_launch(run, &launched_.back(), number) != 0) {
        throw std::runtime_error("EAL lcore " + std::to_string(number) + " can't be launched");
    }
}

void Eal::join(unsigned number) {
    (void)rte_eal_wait_lcore(number);
    (void)ended_.load(std::memory_order_acquire);
}

void Eal::join() {
    rte_eal_mp_wait_lcore();
    (void)ended_.load(std::memory_order_acquire);
}

}  // namespace ringway::dataplane
