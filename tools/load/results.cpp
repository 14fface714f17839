#include "tools/load/results.h"

#include <fmt/format.h>

#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tools/benchmarks/commit.h"

namespace ringway::load {
namespace {

constexpr double kBitsPerByte = 8;

const char* name_of(Direction direction) {
    return direction == Direction::encrypt ? "encrypt" : "decrypt";
}

/// Of inner packets.
double gigabits(const Settings& settings, const DirectionResult& result) {
    return result.received_per_second() * settings.load.sizes.mean() * kBitsPerByte / 1e9;
}

double microseconds(std::uint64_t nanoseconds) {
    return static_cast<double>(nanoseconds) / 1e3;
}

nlohmann::json latency_json(const LatencyHistogram& latency) {
    return {{"count", latency.count()},
            {"min_ns", latency.min()},
            {"mean_ns", latency.mean()},
            {"p50_ns", latency.percentile(50)},
            {"p90_ns", latency.percentile(90)},
            {"p99_ns", latency.percentile(99)},
            {"p99.9_ns", latency.percentile(99.9)},
            {"max_ns", latency.max()}};
}

nlohmann::json direction_json(const Settings& settings, const DirectionResult& result) {
    const DirectionCounts& counts = result.counts;
    return {{"seconds", result.seconds},
            {"offered", result.offered},
            {"given_up", result.given_up},
            {"sent", counts.sent},
            {"received", counts.received},
            {"matched", counts.matched},
            {"lost", counts.lost()},
            {"duplicates", counts.duplicates},
            {"ancient", counts.ancient},
            {"corrupt", counts.corrupt},
            {"reordered", counts.reordered},
            {"checked", counts.checked},
            {"loss", result.loss()},
            {"packets_per_second", result.received_per_second()},
            {"gigabits_per_second", gigabits(settings, result)},
            {"latency", latency_json(result.latency)}};
}

nlohmann::json port_json(const PortCounts& counts) {
    return {{"frames", counts.frames},
            {"neighbours", counts.neighbours},
            {"handshakes", counts.handshakes},
            {"keepalives", counts.keepalives},
            {"foreign", counts.foreign}};
}

nlohmann::json handshakes_json(const HandshakeCounts& counts, const LatencyHistogram& latency) {
    return {{"initiations_sent", counts.initiations_sent},
            {"retries", counts.retries},
            {"responses_received", counts.responses_received},
            {"initiations_received", counts.initiations_received},
            {"responses_sent", counts.responses_sent},
            {"cookies_received", counts.cookies_received},
            {"keepalives_sent", counts.keepalives_sent},
            {"keepalives_received", counts.keepalives_received},
            {"refused", counts.refused},
            {"latency", latency_json(latency)}};
}

double total_per_second(const TrialResult& result) {
    double total = 0;
    for (const auto& [direction, part] : result)
        total += part.received_per_second();
    return total;
}

}  // namespace

std::string result_name(const Settings& settings) {
    if (!settings.name.empty()) return settings.name;
    const std::string& device = settings.load.cipher.device;
    std::string driver = "pci";
    if (device.starts_with("net_")) {
        driver = device.substr(4, device.find(',') - 4);
        while (!driver.empty() && driver.back() >= '0' && driver.back() <= '9')
            driver.pop_back();
    }
    const char* what = settings.directions.size() == 2 ? "both" : name_of(settings.directions.front());
    return fmt::format("{}/{}/{}/peers{}", driver, what, settings.load.sizes.name(),
                       settings.load.peers.count);
}

void print_results(const Settings& settings, const Load& load, const TrialResult& result) {
    fmt::print("{}\n\n", result_name(settings));
    fmt::print("{:<10}{:>12}{:>12}{:>10}{:>12}{:>10}{:>10}{:>10}{:>10}\n", "", "offered/s", "received/s",
               "Gbit/s", "lost", "loss", "corrupt", "twice", "reordered");
    for (const auto& [direction, part] : result) {
        const DirectionCounts& counts = part.counts;
        fmt::print("{:<10}{:>12.0f}{:>12.0f}{:>10.3f}{:>12}{:>9.4f}%{:>10}{:>10}{:>10}\n", name_of(direction),
                   part.offered_per_second(), part.received_per_second(), gigabits(settings, part),
                   part.offered - std::min(part.offered, counts.matched), 100 * part.loss(), counts.corrupt,
                   counts.duplicates + counts.ancient, counts.reordered);
    }
    fmt::print("\n{:<10}{:>12}{:>10}{:>10}{:>10}{:>10}{:>10}\n", "latency us", "packets", "50 %", "90 %",
               "99 %", "99.9 %", "max");
    for (const auto& [direction, part] : result) {
        const LatencyHistogram& latency = part.latency;
        fmt::print("{:<10}{:>12}{:>10.1f}{:>10.1f}{:>10.1f}{:>10.1f}{:>10.1f}\n", name_of(direction),
                   latency.count(), microseconds(latency.percentile(50)),
                   microseconds(latency.percentile(90)), microseconds(latency.percentile(99)),
                   microseconds(latency.percentile(99.9)), microseconds(latency.max()));
    }
    const HandshakeCounts& handshakes = load.handshaker().counts();
    fmt::print(
        "\nhandshakes: {} begun, {} answered by the gateway; {} begun by it, {} answered; {} refused\n",
        handshakes.initiations_sent, handshakes.responses_received, handshakes.initiations_received,
        handshakes.responses_sent, handshakes.refused);
}

bool write_json(const Settings& settings, const Load& load, const TrialResult& result) {
    nlohmann::json counted = {
        {"handshakes", handshakes_json(load.handshaker().counts(), load.handshaker().latency())},
        {"ports", {{"cipher", port_json(load.cipher_counts())}}}};
    if (load.has_two_ports()) counted["ports"]["plain"] = port_json(load.plain_counts());
    for (const auto& [direction, part] : result)
        counted[name_of(direction)] = direction_json(settings, part);
    const nlohmann::json out = {{"commit", bench::kCommit},
                                {"results",
                                 {{{"name", result_name(settings)},
                                   {"value", total_per_second(result)},
                                   {"unit", "packets/s"},
                                   {"runs", {total_per_second(result)}}}}},
                                {"load", counted}};
    std::ofstream to(settings.json_file);
    to << out.dump(2) << '\n';
    return to.good();
}

}  // namespace ringway::load
