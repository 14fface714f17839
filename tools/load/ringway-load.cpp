// Loads a WireGuard gateway over DPDK ports: see README.md, "Load".

#include <fmt/format.h>
#include <sys/stat.h>

#include <csignal>
#include <cstdio>
#include <fstream>
#include <stdexcept>
#include <string>

#include "crypto/self_test.h"
#include "dataplane/eal.h"
#include "tools/load/peer_list.h"
#include "tools/load/progress.h"
#include "tools/load/results_json.h"
#include "tools/load/settings.h"
#include "tools/load/tsc_clock.h"

namespace ringway::load {
namespace {

constexpr double kSecond = 1e9;
constexpr Nanoseconds kSettle = 50'000'000;

volatile std::sig_atomic_t stopped = 0;

void on_signal(int) {
    stopped = 1;
}

dataplane::EalOptions eal_options(const Settings& settings) {
    dataplane::EalOptions options;
    options.memory_mib = settings.memory_mib;
    options.cpus = {settings.cpu ? std::vector<unsigned>{*settings.cpu} : dataplane::allowed_cpus()};
    options.name = "ringway-load";
    options.devices.push_back(settings.load.cipher.device);
    if (!settings.load.plain.device.empty()) options.devices.push_back(settings.load.plain.device);
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

/// Polls until the load may begin. `missing` says what is not there yet, `ask` asks for it.
template <typename Missing, typename Ask>
void wait_for(const Settings& settings, Load& load, const Missing& missing, const Ask& ask) {
    constexpr Nanoseconds kAskAgain = 100'000'000;
    const Nanoseconds start = load.poll();
    Nanoseconds asked = 0;
    for (Nanoseconds now = start; stopped == 0; now = load.poll()) {
        if (now - asked < kAskAgain && load.is_busy()) continue;
        const std::string what = missing();
        if (what.empty()) return;
        if (static_cast<double>(now - start) > settings.connect_seconds * kSecond)
            throw std::runtime_error(
                fmt::format("{} after {} s (--connect)", what, settings.connect_seconds));
        if (now - asked < kAskAgain) continue;
        ask();
        asked = now;
    }
    throw std::runtime_error("interrupted");
}

void save_json(const Settings& settings, const nlohmann::json& json) {
    if (settings.json_file.empty()) return;
    std::ofstream out(settings.json_file);
    out << json.dump(1) << '\n';
    out.close();
    if (!out) throw std::runtime_error("can't write " + settings.json_file);
}

void save_chart(const Settings& settings, const std::string& subtitle,
                const std::vector<LatencySeries>& series) {
    if (settings.chart_file.empty()) return;
    std::ofstream out(settings.chart_file);
    draw_latency(out, result_name(settings), subtitle, series);
    out.close();
    if (!out) throw std::runtime_error("can't write " + settings.chart_file);
}

Nanoseconds nanoseconds(double seconds) {
    return static_cast<Nanoseconds>(seconds * kSecond);
}

void load_packets(const Settings& settings, Load& load, const Stop& stop) {
    wait_for(
        settings, load, [&] { return load.missing(); }, [&] { load.ask(); });
    // What confirms the last sessions is still under way to the gateway.
    const Nanoseconds connected = load.poll();
    while (load.poll() - connected < kSettle && stopped == 0) {
    }
    const MeasurePlan plan{.trial = {.directions = settings.directions,
                                     .rate = settings.rate,
                                     .outstanding = settings.outstanding,
                                     .duration = nanoseconds(settings.duration)},
                           .warm_up = nanoseconds(settings.warm_up),
                           .runs = settings.runs,
                           .search = settings.search};
    bool is_first = true;
    const Measurement measured = measure(load, plan, stop, [&](const Step& step) {
        if (settings.search || settings.runs > 1) print_step(step, is_first);
        is_first = false;
    });
    print_measurement(settings, load, measured);
    save_json(settings, to_json(settings, load, measured));
    if (!measured.answer) throw std::runtime_error("there is no result");
    const Step& answer = measured.steps[*measured.answer];
    std::vector<LatencySeries> series;
    for (const auto& [direction, part] : answer.result.directions)
        series.push_back({to_string(direction), &part.latency});
    save_chart(settings,
               fmt::format("{:.0f} packets per second, {:.4f} % lost", answer.received_per_second(),
                           100 * answer.loss()),
               series);
}

void load_handshakes(const Settings& settings, Load& load, crypto::Random& random, const Stop& stop) {
    wait_for(
        settings, load, [&] { return load.missing_below(); }, [&] { load.ask_below(); });
    HandshakePlan plan{
        .shares = settings.shares, .rate = settings.rate, .duration = nanoseconds(settings.warm_up)};
    (void)run_handshakes(load, plan, random, stop);
    plan.duration = nanoseconds(settings.duration);
    const HandshakeResult result = run_handshakes(load, plan, random, stop);
    print_handshakes(settings, result);
    save_json(settings, to_json(settings, load, result));
    save_chart(settings, fmt::format("{:.0f} handshakes per second", result.per_second()),
               {{"handshake", &result.latency}});
}

void run(const Settings& settings) {
    dataplane::Eal eal(eal_options(settings));
    const TscClock clock;
    crypto::SystemRandom random;
    const auto load = std::make_unique<Load>(settings.load, clock, random, clock.unix_offset());
    Progress progress(clock, settings.directions);
    const Stop stop = [&] {
        if (!settings.quiet) progress.update(*load);
        return stopped != 0;
    };
    if (settings.directions.empty()) {
        load_handshakes(settings, *load, random, stop);
    } else {
        load_packets(settings, *load, stop);
    }
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
