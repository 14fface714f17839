// Measures the packet path on one CPU with all roles, between ports in memory, against IPsec-MB's burst
// encryption of the same sizes in the same run; and what each stage costs.
//
//     bench-pipeline [--json FILE] [--quick] [--only WORD] [--peers N]...

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

namespace ringway::bench {
namespace {

struct Arguments {
    std::string json;
    std::string only;
    std::vector<std::size_t> peers{1};
    std::size_t lap = 256;
    int rounds = 201;
    bool quick = false;
};

struct Mix {
    std::string name;
    std::vector<std::uint16_t> sizes;
};

std::vector<Mix> mixes() {
    std::vector<Mix> all;
    for (const std::uint16_t size : {64, 128, 256, 512, 1024, 1420})
        all.push_back({std::to_string(size), {size}});
    all.push_back({"imix", {64, 594, 64, 64, 594, 64, 1420, 64, 594, 64, 64, 594}});
    return all;
}

std::uint64_t nanoseconds() {
    return static_cast<std::uint64_t>(
        std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count());
}

/// What the lcore of a gateway has done, as far as its cost per packet goes.
struct Work {
    std::array<std::uint64_t, dataplane::kStages> cycles{};
    std::uint64_t packets = 0;
    std::uint64_t aead_calls = 0;
    std::uint64_t bundles = 0;

    static Work of(BareGateway& gateway) {
        const dataplane::Counters& counters = gateway.lcore(0).counters;
        Work work{.packets = counters.out.get(),
                  .aead_calls = counters.aead_calls.get(),
                  .bundles = counters.bundles.get()};
        for (std::size_t i = 0; i < dataplane::kStages; ++i)
            work.cycles[i] = counters.stage_cycles[i].get();
        return work;
    }
};

class Pipeline {
  public:
    Pipeline(std::size_t lap, int rounds)
        : policy_(crypto::AeadPolicy::measured(std::nullopt, nanoseconds)), lap_(lap), rounds_(rounds) {}

    void run(const Mix& mix, std::size_t peers, std::vector<Result>& results) {
        crypto::SystemRandom random;
        BareGateway near(clock_, random, options(1, peers));
        BareGateway far(clock_, random, options(2, peers));
        BareGateway::join(near, far, random);
        Circuit circuit(near, far, lap_, plain_packets(near, far, peers, 12 * lap_, mix.sizes, random));
        const std::string suffix = mix.name + (peers == 1 ? "" : "/peers" + std::to_string(peers));
        Result seal{.name = "pipeline/encrypt/" + suffix, .unit = "pps", .ratio_to = "IPsec-MB burst"};
        Result open{.name = "pipeline/decrypt/" + suffix, .unit = "pps", .ratio_to = "IPsec-MB burst"};
        const double per_second = static_cast<double>(rte_get_tsc_hz());
        const auto rate = [&](std::size_t packets, std::uint64_t cycles) {
            return static_cast<double>(packets) * per_second / static_cast<double>(cycles);
        };
        constexpr std::size_t kLaps = 4;
        for (int round = -3; round < rounds_; ++round) {
            const std::uint64_t raw = raw_.encrypt(kLaps * lap_, mix.sizes);
            Circuit::Cycles cycles;
            for (std::size_t i = 0; i < kLaps; ++i) {
                const Circuit::Cycles lap = circuit.lap();
                cycles.sealing += lap.sealing;
                cycles.opening += lap.opening;
            }
            if (round < 0) continue;
            seal.runs.push_back(rate(kLaps * lap_, cycles.sealing));
            open.runs.push_back(rate(kLaps * lap_, cycles.opening));
            seal.others.push_back(rate(kLaps * lap_, raw));
            open.others.push_back(rate(kLaps * lap_, raw));
        }
        print_costs(suffix, near, far);
        results.push_back(std::move(seal));
        results.push_back(std::move(open));
    }

  private:
    [[nodiscard]] BareGatewayOptions options(unsigned number, std::size_t peers) const {
        BareGatewayOptions options;
        options.number = number;
        options.peers = peers;
        options.ring = static_cast<unsigned>(4 * lap_);
        options.aead = policy_;
        return options;
    }

    static void print_costs(const std::string& name, BareGateway& near, BareGateway& far) {
        for (auto [what, gateway] : {std::pair{"encrypt", &near}, std::pair{"decrypt", &far}}) {
            const Work work = Work::of(*gateway);
            const auto packets = static_cast<double>(work.packets);
            fmt::print(
                "{:10} {:8} cycles a packet: rx {:6.1f} crypto {:6.1f} tx {:6.1f}; {:5.1f} a call, {:5.1f} a "
                "bundle\n",
                name, what, static_cast<double>(work.cycles[0]) / packets,
                static_cast<double>(work.cycles[1]) / packets, static_cast<double>(work.cycles[2]) / packets,
                packets / static_cast<double>(work.aead_calls), packets / static_cast<double>(work.bundles));
        }
    }

    dataplane::MonotonicClock clock_;
    crypto::AeadPolicy policy_;
    RawIpsecMb raw_;
    std::size_t lap_;
    int rounds_;
};

void run(const Arguments& arguments) {
    dataplane::EalOptions options;
    options.hugepages = dataplane::EalOptions::Hugepages::automatic;
    options.memory_mib = 512;
    options.cpus = {{static_cast<unsigned>(sched_getcpu())}};
    options.name = "bench-pipeline";
    const dataplane::Eal eal(options);
    pin();
    Pipeline pipeline(arguments.lap, arguments.quick ? 31 : arguments.rounds);
    std::vector<Result> results;
    for (const std::size_t peers : arguments.peers) {
        for (const Mix& mix : mixes()) {
            if (arguments.only.empty() || mix.name == arguments.only) pipeline.run(mix, peers, results);
        }
    }
    print(results);
    if (!arguments.json.empty() && !write_json(arguments.json, results))
        throw std::runtime_error("can't write " + arguments.json);
}

}  // namespace
}  // namespace ringway::bench

int main(int argc, char** argv) {
    using namespace ringway::bench;
    CLI::App app("Measures the packet path on one CPU between ports in memory");
    Arguments arguments;
    app.add_option("--json", arguments.json, "write results to this file too")->type_name("FILE");
    app.add_option("--only", arguments.only, "this size only")->type_name("SIZE");
    app.add_option("--peers", arguments.peers, "numbers of peers")->type_name("N...");
    app.add_option("--lap", arguments.lap, "packets that go round at a time")->type_name("N");
    app.add_option("--rounds", arguments.rounds, "rounds of a measure")->type_name("N");
    app.add_flag("--quick", arguments.quick, "fewer rounds");
    CLI11_PARSE(app, argc, argv);
    try {
        run(arguments);
    } catch (const std::exception& error) {
        fmt::print(stderr, "bench-pipeline: {}\n", error.what());
        return 1;
    }
    return 0;
}
