// Measures the packet path in one process, between ports in memory: on one CPU with all roles against
// IPsec-MB's burst encryption of the same sizes in the same run, what each stage costs, and one peer's flow
// on two CPUs against one.
//
//     bench-pipeline [--json FILE] [--quick] [--only SIZE] [--peers N]... [--no-split]

#include <fmt/format.h>
#include <rte_cycles.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

#include "dataplane/clock.h"
#include "dataplane/eal.h"
#include "tools/benchmarks/circuit.h"
#include "tools/benchmarks/raw_ipsec_mb.h"
#include "tools/benchmarks/report.h"
#include "tools/benchmarks/split.h"
#include "tools/benchmarks/stage_costs.h"

namespace ringway::bench {
namespace {

struct Arguments {
    std::string json;
    std::string only;
    std::vector<std::size_t> peers{1, 100, 10000};
    std::size_t lap = 256;
    int rounds = 201;
    bool quick = false;
    bool no_split = false;
};

struct Mix {
    std::string name;
    std::vector<std::uint16_t> sizes;
};

std::vector<Mix> mixes(const std::string& only) {
    std::vector<Mix> all;
    for (const std::uint16_t size : {64, 128, 256, 512, 1024, 1420})
        all.push_back({std::to_string(size), {size}});
    all.push_back({"imix", {64, 594, 64, 64, 594, 64, 1420, 64, 594, 64, 64, 594}});
    if (!only.empty()) std::erase_if(all, [&](const Mix& mix) { return mix.name != only; });
    return all;
}

std::uint64_t nanoseconds() {
    return static_cast<std::uint64_t>(
        std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count());
}

double per_second(std::size_t packets, std::uint64_t cycles) {
    return static_cast<double>(packets) * static_cast<double>(rte_get_tsc_hz()) / static_cast<double>(cycles);
}

/// One CPU with all roles.
class OneCpu {
  public:
    OneCpu(const crypto::AeadPolicy& policy, std::size_t lap, int rounds)
        : policy_(policy), lap_(lap), rounds_(rounds) {}

    void run(const Mix& mix, std::size_t peers, std::vector<Result>& results) {
        crypto::SystemRandom random;
        BareGateway near(clock_, random, options(1, peers));
        BareGateway far(clock_, random, options(2, peers));
        BareGateway::join(near, far, random);
        Circuit circuit(near, far, lap_, plain_packets(near, far, peers, 12 * lap_, mix.sizes, random));
        const std::string suffix = mix.name + (peers == 1 ? "" : "/peers" + std::to_string(peers));
        Result seal{.name = "pipeline/encrypt/" + suffix, .unit = "pps", .ratio_to = "IPsec-MB burst"};
        Result open{.name = "pipeline/decrypt/" + suffix, .unit = "pps", .ratio_to = "IPsec-MB burst"};
        StageCosts sealing("encrypt", suffix);
        StageCosts opening("decrypt", suffix);
        // Once round all flows: the first packet of each takes a slower way.
        for (std::size_t packets = 0; packets < 2 * peers + 4 * lap_; packets += lap_)
            (void)circuit.lap();
        for (int round = 0; round < rounds_; ++round) {
            sealing.begin(near);
            opening.begin(far);
            const std::uint64_t raw = raw_.encrypt(kLaps * lap_, mix.sizes);
            Circuit::Cycles cycles;
            for (std::size_t i = 0; i < kLaps; ++i) {
                const Circuit::Cycles lap = circuit.lap();
                cycles.sealing += lap.sealing;
                cycles.opening += lap.opening;
            }
            sealing.end(near);
            opening.end(far);
            seal.runs.push_back(per_second(kLaps * lap_, cycles.sealing));
            open.runs.push_back(per_second(kLaps * lap_, cycles.opening));
            seal.others.push_back(per_second(kLaps * lap_, raw));
            open.others.push_back(per_second(kLaps * lap_, raw));
        }
        results.push_back(std::move(seal));
        results.push_back(std::move(open));
        sealing.report(results);
        opening.report(results);
    }

  private:
    static constexpr std::size_t kLaps = 4;

    [[nodiscard]] BareGatewayOptions options(unsigned number, std::size_t peers) const {
        BareGatewayOptions options;
        options.number = number;
        options.peers = peers;
        options.ring = static_cast<unsigned>(4 * lap_);
        options.aead = policy_;
        return options;
    }

    dataplane::MonotonicClock clock_;
    crypto::AeadPolicy policy_;
    RawIpsecMb raw_;
    std::size_t lap_;
    int rounds_;
};

/// One peer's flow on two CPUs, against one, in turn.
void split(dataplane::Eal& eal, const crypto::AeadPolicy& policy, const Mix& mix, bool quick,
           std::vector<Result>& results) {
    const unsigned milliseconds = quick ? 150 : 300;
    const int rounds = quick ? 3 : 7;
    const dataplane::MonotonicClock clock;
    SplitOptions options;
    options.inner_bytes = mix.sizes.front();
    options.aead = policy;
    Result two{.name = "split/" + mix.name, .unit = "pps", .ratio_to = "one CPU"};
    Result disorder{.name = "split/out_of_order/" + mix.name, .unit = "packets"};
    for (int round = 0; round < rounds; ++round) {
        const SplitResult one = run_split(eal, clock, 1, options, milliseconds);
        const SplitResult both = run_split(eal, clock, 2, options, milliseconds);
        two.runs.push_back(both.per_second());
        two.others.push_back(one.per_second());
        disorder.runs.push_back(static_cast<double>(one.out_of_order + both.out_of_order));
    }
    results.push_back(std::move(two));
    results.push_back(std::move(disorder));
}

void print_new(const std::vector<Result>& results, std::size_t& printed) {
    while (printed < results.size())
        print(results[printed++]);
}

void run(const Arguments& arguments) {
    const std::vector<unsigned> all = dataplane::allowed_cpus();
    dataplane::EalOptions options;
    options.memory_mib = 512;
    options.cpus = {all, {all.front()}, {all.back()}};
    options.name = "bench-pipeline";
    dataplane::Eal eal(options);
    const crypto::AeadPolicy policy = crypto::AeadPolicy::measured(std::nullopt, nanoseconds);
    std::vector<Result> results;
    std::size_t printed = 0;
    print_heading();
    if (!arguments.no_split && all.size() > 1) {
        for (const Mix& mix : mixes(arguments.only)) {
            if (mix.sizes.size() == 1) split(eal, policy, mix, arguments.quick, results);
            print_new(results, printed);
        }
    }
    pin();
    OneCpu one(policy, arguments.lap, arguments.quick ? 31 : arguments.rounds);
    for (const std::size_t peers : arguments.peers) {
        for (const Mix& mix : mixes(arguments.only)) {
            one.run(mix, peers, results);
            print_new(results, printed);
        }
    }
    results.push_back({.name = "stage/tsc_hz",
                       .unit = "Hz",
                       .ratio_to = "",
                       .runs = {double(rte_get_tsc_hz())},
                       .others = {}});
    if (!arguments.json.empty() && !write_json(arguments.json, results))
        throw std::runtime_error("can't write " + arguments.json);
}

}  // namespace
}  // namespace ringway::bench

int main(int argc, char** argv) {
    using namespace ringway::bench;
    CLI::App app("Measures the packet path in one process, between ports in memory");
    Arguments arguments;
    app.add_option("--json", arguments.json, "write results to this file too")->type_name("FILE");
    app.add_option("--only", arguments.only, "this size only: bytes, or imix")->type_name("SIZE");
    app.add_option("--peers", arguments.peers, "numbers of peers")
        ->type_name("N...")
        ->check(CLI::Range(1, 65536));
    app.add_option("--lap", arguments.lap, "packets that go round at a time")
        ->type_name("N")
        ->check(CLI::Range(64, 2048));
    app.add_option("--rounds", arguments.rounds, "rounds of a measure")->type_name("N");
    app.add_flag("--quick", arguments.quick, "fewer rounds");
    app.add_flag("--no-split", arguments.no_split, "one CPU only");
    CLI11_PARSE(app, argc, argv);
    try {
        run(arguments);
    } catch (const std::exception& error) {
        fmt::print(stderr, "bench-pipeline: {}\n", error.what());
        return 1;
    }
    return 0;
}
