#include "tools/load/results.h"

#include <fmt/format.h>

#include <algorithm>

namespace ringway::load {
namespace {

double microseconds(std::uint64_t nanoseconds) {
    return static_cast<double>(nanoseconds) / 1e3;
}

void print_latency_heading() {
    fmt::print("\n{:<12}{:>12}{:>11}{:>11}{:>11}{:>11}{:>11}\n", "latency, us", "packets", "50 %", "90 %",
               "99 %", "99.9 %", "most");
}

void print_latency(const std::string& name, const LatencyHistogram& latency) {
    fmt::print("{:<12}{:>12}", name, latency.count());
    for (const double percent : {50.0, 90.0, 99.0, 99.9})
        fmt::print("{:>11.1f}", microseconds(latency.percentile(percent)));
    fmt::print("{:>11.1f}\n", microseconds(latency.max()));
}

void print_rates(const Settings& settings, const TrialResult& result) {
    fmt::print("{:<12}{:>12}{:>12}{:>10}{:>12}{:>10}\n", "", "offered/s", "received/s", "Gbit/s", "lost",
               "loss");
    for (const auto& [direction, part] : result.directions) {
        fmt::print("{:<12}{:>12.0f}{:>12.0f}{:>10.3f}{:>12}{:>9.4f}%\n", to_string(direction),
                   part.offered_per_second(), part.received_per_second(),
                   part.gigabits_per_second(settings.load.sizes.mean()), part.missing(), 100 * part.loss());
    }
}

void print_not_sent(const TrialResult& result) {
    std::uint64_t refused = 0;
    std::uint64_t late = 0;
    for (const auto& [direction, part] : result.directions) {
        refused += part.refused;
        late += part.late;
    }
    if (refused != 0) fmt::print("Of those lost, {} were refused by the device.\n", refused);
    if (late != 0) fmt::print("{} more were due while the load got no CPU or could not keep up.\n", late);
}

void print_counts(const TrialResult& result) {
    fmt::print("\n{:<12}{:>12}{:>12}{:>11}{:>11}{:>11}{:>11}{:>11}\n", "packets", "sent", "received",
               "matched", "twice", "corrupt", "reordered", "compared");
    for (const auto& [direction, part] : result.directions) {
        const DirectionCounts& counts = part.counts;
        fmt::print("{:<12}{:>12}{:>12}{:>11}{:>11}{:>11}{:>11}{:>11}\n", to_string(direction), counts.sent,
                   counts.received, counts.matched, counts.duplicates + counts.ancient, counts.corrupt,
                   counts.reordered, counts.checked);
    }
}

std::string driver_of(const std::string& device) {
    if (!device.starts_with("net_")) return "pci";
    std::string driver = device.substr(4, device.find(',') - 4);
    while (!driver.empty() && driver.back() >= '0' && driver.back() <= '9')
        driver.pop_back();
    return driver;
}

}  // namespace

std::string result_name(const Settings& settings) {
    if (!settings.name.empty()) return settings.name;
    const std::string driver = driver_of(settings.load.cipher.device);
    const std::uint32_t peers = settings.load.peers.count;
    if (settings.directions.empty()) return fmt::format("{}/handshakes/peers{}", driver, peers);
    const char* direction = settings.directions.size() == 2 ? "both"
                            : settings.load.bare            ? "forward"
                                                            : to_string(settings.directions.front());
    return fmt::format("{}/{}/{}/peers{}", driver, direction, settings.load.sizes.name(), peers);
}

void print_step(const Step& step, bool is_first) {
    if (is_first) fmt::print("{:<12}{:>12}{:>12}{:>11}\n", "trial", "offered/s", "received/s", "loss");
    double offered = 0;
    for (const auto& [direction, part] : step.result.directions)
        offered += part.offered_per_second();
    fmt::print("{:<12}{:>12.0f}{:>12.0f}{:>10.4f}%\n", step.passed ? "passed" : "too much", offered,
               step.received_per_second(), 100 * step.loss());
    (void)std::fflush(stdout);
}

void print_measurement(const Settings& settings, const Load& load, const Measurement& measured) {
    if (!measured.answer) {
        fmt::print("\n{}: no rate passed\n", result_name(settings));
        return;
    }
    const TrialResult& result = measured.steps[*measured.answer].result;
    fmt::print("\n{}\n\n", result_name(settings));
    print_rates(settings, result);
    print_not_sent(result);
    print_counts(result);
    print_latency_heading();
    for (const auto& [direction, part] : result.directions)
        print_latency(to_string(direction), part.latency);
    fmt::print("\nThe load itself had nothing to do for {:.0f} % of the time.\n",
               100 * measured.steps[*measured.answer].result.idle());
    const HandshakeCounts& handshakes = load.handshaker().counts();
    fmt::print("Handshakes: {} begun, {} answered by the gateway; {} begun by it, {} answered; {} refused.\n",
               handshakes.initiations_sent, handshakes.responses_received, handshakes.initiations_received,
               handshakes.responses_sent, handshakes.refused);
}

void print_handshakes(const Settings& settings, const HandshakeResult& result) {
    fmt::print("\n{}\n\n{:.0f} handshakes per second\n\n", result_name(settings), result.per_second());
    const HandshakeCounts& counts = result.counts;
    fmt::print("{:<12}{:>12}{:>12}\n", "initiations", "sent", "answered");
    fmt::print("{:<12}{:>12}{:>12}   {} retried, {} asked for a cookie\n", "valid", counts.initiations_sent,
               counts.responses_received, counts.retries, counts.cookies_received);
    fmt::print("{:<12}{:>12}\n{:<12}{:>12}\n", "replayed", result.replayed, "random", result.random);
    fmt::print("{:<12}{:>12}{:>12}   with a cookie\n", "cookie", result.cookie, counts.cookies_for_rubbish);
    fmt::print("\n{} messages that answer nothing of ours\n", counts.refused);
    print_latency_heading();
    print_latency("handshake", result.latency);
}

}  // namespace ringway::load
