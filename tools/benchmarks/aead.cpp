// bench-aead: ChaCha20-Poly1305 over bursts of packets with a key each, ours as the gateway would choose it
// (AeadPolicy) against IPsec-MB's burst and direct calls and OpenSSL's EVP. Another program on the CPU
// disturbs all of a round: run it pinned all the same.

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "tools/benchmarks/aead_contest.h"
#include "tools/benchmarks/report.h"

namespace {

using namespace ringway;
using bench::AeadContest;
using bench::AeadTask;
using Direction = crypto::AeadOperation::Direction;

constexpr std::uint32_t kImix = 0;
constexpr std::uint32_t kSizes[] = {16, 64, 128, 256, 512, 768, 1024, 1280, 1420, 1440, kImix};
constexpr std::size_t kBursts[] = {1, 2, 3, 4, 8, 12, 16, 32, 64};
constexpr std::size_t kDramBurst = 32;
constexpr int kRounds = 301;
constexpr int kQuickRounds = 51;
constexpr int kRawRounds = 1001;

struct Arguments {
    std::string json;
    std::string raw;
    bool quick = false;
};

std::uint64_t nanoseconds() {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(std::chrono::nanoseconds(now).count());
}

std::vector<AeadTask> tasks() {
    std::vector<AeadTask> all;
    for (const Direction direction : {Direction::seal, Direction::open}) {
        for (const std::uint32_t size : kSizes) {
            for (const std::size_t burst : kBursts)
                all.push_back({direction, size, burst, false});
            all.push_back({direction, size, kDramBurst, true});
        }
    }
    return all;
}

void run_all(const Arguments& arguments) {
    const auto policy = crypto::AeadPolicy::measured(std::nullopt, nanoseconds);
    std::printf("our path: %s\n", std::string(crypto::to_string(policy.path())).c_str());
    AeadContest contest(policy);
    std::vector<bench::Result> results;
    bench::print_heading();
    for (const AeadTask& task : tasks()) {
        for (bench::Result& result : contest.run(task, arguments.quick ? kQuickRounds : kRounds)) {
            bench::print(result);
            results.push_back(std::move(result));
        }
    }
    if (!arguments.json.empty() && !bench::write_json(arguments.json, results))
        throw std::runtime_error("can't write " + arguments.json);
}

/// Only the number, for programs.
void run_raw(const std::string& size) {
    AeadContest contest(crypto::AeadPolicy::always(crypto::AeadPath::ipsec_mb));
    const auto bytes = size == "imix" ? kImix : static_cast<std::uint32_t>(std::stoul(size));
    std::printf("%.4f\n", bench::median(contest.raw(bytes, kRawRounds)));
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Measures ChaCha20-Poly1305 over bursts: ours, IPsec-MB's, OpenSSL's");
    Arguments arguments;
    app.add_option("--json", arguments.json, "write the results to this file too")->type_name("FILE");
    app.add_flag("--quick", arguments.quick, "fewer rounds");
    app.add_option("--raw", arguments.raw, "print what IPsec-MB's burst alone seals, in Mpps, and no more")
        ->type_name("SIZE")
        ->check(CLI::IsMember({"imix"}) | CLI::Range(16, 1900));
    CLI11_PARSE(app, argc, argv);
    try {
        bench::pin();
        if (arguments.raw.empty()) {
            run_all(arguments);
        } else {
            run_raw(arguments.raw);
        }
    } catch (const std::exception& error) {
        std::fprintf(stderr, "bench-aead: %s\n", error.what());
        return 1;
    }
    return 0;
}
