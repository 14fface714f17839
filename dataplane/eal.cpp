#include "dataplane/eal.h"

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_pdump.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>

#include "dataplane/device_string.h"
#include "dataplane/eal_files.h"

namespace ringway::dataplane {
namespace {

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

/// memif's zero-copy gives its peer all memory in one file, and no PCI device is looked at that is no port.
void add_arguments_of(const std::vector<std::string>& devices, std::vector<std::string>& arguments) {
    const auto copies_nothing = [](const std::string& device) {
        return argument_of(device, "zero-copy") == "yes";
    };
    if (std::ranges::any_of(devices, copies_nothing)) arguments.emplace_back("--single-file-segments");
    if (std::ranges::none_of(devices, is_pci)) arguments.emplace_back("--no-pci");
    for (const std::string& device : devices) {
        if (is_pci(device)) arguments.insert(arguments.end(), {"-a", device_name(device)});
    }
}

}  // namespace

int Eal::run(void* launched) {
    const Launched& own = *static_cast<const Launched*>(launched);
    (*own.body)();
    own.eal->ended_.fetch_add(1, std::memory_order_release);
    return 0;
}

std::vector<unsigned> allowed_cpus() {
    cpu_set_t set;
    CPU_ZERO(&set);
    std::vector<unsigned> cpus;
    if (sched_getaffinity(0, sizeof(set), &set) != 0) return {0};
    for (unsigned cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
        if (CPU_ISSET(cpu, &set)) cpus.push_back(cpu);
    }
    return cpus;
}

Eal::Eal(const EalOptions& options) {
    const auto mount = hugepage_mount();
    const std::string wanted = choose_prefix(options.name);
    // What a gateway that was killed has left would make it look as if too few pages were free.
    if (mount) remove_stale_hugepage_files(*mount, wanted);
    hugepages_ = choose_hugepages(options);
    if (hugepages_ && mount) {
        shared_at_ = mount;
        prefix_ = wanted;
    }

    // The kernel would promise it, and end somebody when we come to use it.
    const std::size_t available = available_mib();
    if (!hugepages_ && available != 0 && options.memory_mib > available) {
        throw std::runtime_error("system.memory asks for " + std::to_string(options.memory_mib) +
                                 " MiB, but only " + std::to_string(available) + " MiB are available");
    }

    std::vector<std::string> arguments{"ringway",
                                       "--lcores=" + lcore_map(options.cpus),
                                       "--log-level=lib.eal:" + std::string(options.verbose ? "7" : "4"),
                                       "--log-level=lib.telemetry:4",
                                       "-m",
                                       std::to_string(options.memory_mib)};
    if (shared_at_) {
        arguments.emplace_back("--file-prefix=" + prefix_);
    } else if (hugepages_) {
        arguments.emplace_back("--in-memory");
    } else {
        // No files of its own either: several gateways may run beside each other.
        arguments.insert(arguments.end(), {"--no-huge", "--no-shconf"});
    }
    const bool telemetry =
        options.telemetry && access(dpdk_runtime_directory().parent_path().c_str(), W_OK) == 0;
    if (!telemetry) arguments.emplace_back("--no-telemetry");
    add_arguments_of(options.devices, arguments);

    std::vector<char*> argv;
    for (std::string& argument : arguments)
        argv.push_back(argument.data());
    if (rte_eal_init(static_cast<int>(argv.size()), argv.data()) < 0) {
        const std::string hint =
            hugepages_ ? " (system.hugepages: required needs " + std::to_string(options.memory_mib) +
                             " MiB of free huge pages, and there are " + std::to_string(free_hugepage_mib()) +
                             ": see HugePages_Free in /proc/meminfo)"
                       : "";
        throw std::runtime_error(std::string("DPDK can't start: ") + rte_strerror(rte_errno) + hint);
    }
    // A process that captures shares our memory.
    captures_ = shared_at_ && rte_pdump_init() == 0;
}

Eal::~Eal() {
    join();
    if (captures_) (void)rte_pdump_uninit();
    (void)rte_eal_cleanup();
    if (shared_at_) remove_stale_hugepage_files(*shared_at_, prefix_);
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
