// Loads a WireGuard gateway over DPDK ports: see README.md, "Load".

#include <fmt/format.h>
#include <sched.h>
#include <sys/stat.h>

#include <csignal>
#include <cstdio>
#include <fstream>
#include <stdexcept>
#include <string>

#include "crypto/self_test.h"
#include "dataplane/eal.h"
#include "tools/load/peer_list.h"
#include "tools/load/results.h"
#include "tools/load/settings.h"
#include "tools/load/trial.h"
#include "tools/load/tsc_clock.h"

namespace ringway::load {
namespace {

constexpr double kSecond = 1e9;

volatile std::sig_atomic_t stopped = 0;

void on_signal(int) {
    stopped = 1;
}

std::vector<unsigned> allowed_cpus() {
    cpu_set_t set;
    std::vector<unsigned> cpus;
    if (sched_getaffinity(0, sizeof(set), &set) != 0) return {0};
    for (unsigned cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
        if (CPU_ISSET(cpu, &set)) cpus.push_back(cpu);
    }
    return cpus;
}

dataplane::EalOptions eal_options(const Settings& settings) {
    dataplane::EalOptions options;
    options.memory_mib = settings.memory_mib;
    options.cpus = {settings.cpu ? std::vector<unsigned>{*settings.cpu} : allowed_cpus()};
    options.name = "ringway-load";
    for (const std::string& device : {settings.load.cipher.device, settings.load.plain.device}) {
        if (!device.empty() && !device.starts_with("net_"))
            options.pci_devices.push_back(device.substr(0, device.find(',')));
    }
    return options;
}

/// Private keys: for nobody else to read, even if they are of tests.
template <typename Write>
void write_file(const std::string& name, const Write& write) {
    const mode_t before = umask(0077);
    std::ofstream out(name);
    umask(before);
    write(out);
    out.close();
    if (!out) throw std::runtime_error("can't write " + name);
}

void write_lists(const Settings& settings) {
    if (!settings.config_file.empty()) {
        write_file(settings.config_file, [&](std::ostream& out) {
            write_config(out, settings.load, {settings.config_cipher_device, settings.config_plain_device});
        });
    }
    if (!settings.wg_file.empty())
        write_file(settings.wg_file, [&](std::ostream& out) { write_wg(out, settings.load); });
}

void connect(const Settings& settings, Load& load) {
    constexpr Nanoseconds kAskAgain = 100'000'000;
    const Nanoseconds start = load.poll();
    Nanoseconds asked = 0;
    for (Nanoseconds now = start; stopped == 0; now = load.poll()) {
        if (now - asked < kAskAgain && load.is_busy()) continue;
        const std::string missing = load.missing();
        if (missing.empty()) return;
        if (static_cast<double>(now - start) > settings.connect_seconds * kSecond)
            throw std::runtime_error(missing + " (waited for " + std::to_string(settings.connect_seconds) +
                                     " s, --connect)");
        if (now - asked < kAskAgain) continue;
        load.ask();
        asked = now;
    }
    throw std::runtime_error("interrupted");
}

TrialPlan plan_of(const Settings& settings, double seconds) {
    return {.directions = settings.directions,
            .rate = settings.rate,
            .outstanding = settings.outstanding,
            .duration = static_cast<Nanoseconds>(seconds * kSecond)};
}

void run(const Settings& settings) {
    dataplane::Eal eal(eal_options(settings));
    const TscClock clock;
    crypto::SystemRandom random;
    const auto load = std::make_unique<Load>(settings.load, clock, random, clock.unix_offset());
    connect(settings, *load);
    const Stop stop = [] { return stopped != 0; };
    if (settings.warm_up > 0) (void)run_trial(*load, plan_of(settings, settings.warm_up), stop);
    const TrialResult result = run_trial(*load, plan_of(settings, settings.duration), stop);
    print_results(settings, *load, result);
    if (!settings.json_file.empty() && !write_json(settings, *load, result))
        throw std::runtime_error("can't write " + settings.json_file);
}

int main(int argc, char** argv) {
    Settings settings;
    if (const auto status = read_command_line(argc, argv, settings)) return *status;
    (void)std::signal(SIGINT, on_signal);
    (void)std::signal(SIGTERM, on_signal);
    try {
        if (settings.writes_list()) {
            write_lists(settings);
        } else {
            run(settings);
        }
    } catch (const std::exception& error) {
        std::fprintf(stderr, "ringway-load: %s\n", error.what());
        return 1;
    }
    return 0;
}

}  // namespace
}  // namespace ringway::load

int main(int argc, char** argv) {
    return ringway::load::main(argc, argv);
}
