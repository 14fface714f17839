// Measures the AEAD: ours as the gateway would choose it (AeadPolicy), IPsec-MB's burst and OpenSSL's EVP,
// in turn on the same packets with a key each. Ratios are taken pair by pair; medians are shown. Another
// program on the CPU disturbs both of a pair: run it pinned (taskset -c 1) all the same.
//
//     bench-aead [--json FILE] [--commit TEXT] [--quick] [--dram]

#include <fmt/format.h>
#include <openssl/evp.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "crypto/aead.h"
#include "crypto/aead_burst.h"

namespace {

using namespace ringway::crypto;
using Direction = AeadOperation::Direction;
using Clock = std::chrono::steady_clock;

constexpr std::array<std::uint32_t, 10> kSizes = {16, 64, 128, 256, 512, 768, 1024, 1280, 1420, 1440};
constexpr std::array<std::size_t, 9> kBursts = {1, 2, 3, 4, 8, 12, 16, 32, 64};
/// 64, 594 and 1420 bytes in 7:4:1.
constexpr std::array<std::uint32_t, 12> kImix = {64, 594, 64, 64, 594, 64, 1420, 64, 594, 64, 64, 594};
constexpr std::size_t kSlotBytes = 2048;
constexpr std::size_t kDramBytes = 128UL << 20;

struct Arguments {
    std::string json;
    std::string commit;
    bool quick = false;
    bool dram = false;
};

double median(std::vector<double> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

/// OpenSSL one packet after another, with a context that is kept.
class OpenSsl {
  public:
    OpenSsl() {
        if (EVP_CipherInit_ex(context_.get(), EVP_chacha20_poly1305(), nullptr, nullptr, nullptr, 1) != 1)
            throw std::runtime_error("OpenSSL has no ChaCha20-Poly1305");
    }

    void run(std::span<AeadOperation> operations) {
        for (AeadOperation& operation : operations) {
            const bool seals = operation.direction == Direction::seal;
            std::uint8_t* const tag = operation.data + operation.length;
            int written = 0;
            bool ok = EVP_CipherInit_ex(context_.get(), nullptr, nullptr, operation.key->data(),
                                        AeadNonce(operation.counter).bytes.data(), seals ? 1 : 0) == 1;
            if (!seals)
                ok = ok && EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_SET_TAG, kTagBytes, tag) == 1;
            ok = ok && EVP_CipherUpdate(context_.get(), operation.data, &written, operation.data,
                                        static_cast<int>(operation.length)) == 1;
            ok = ok && EVP_CipherFinal_ex(context_.get(), tag, &written) == 1;
            if (seals)
                ok = ok && EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_GET_TAG, kTagBytes, tag) == 1;
            operation.ok = ok;
        }
    }

  private:
    std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context_{EVP_CIPHER_CTX_new(),
                                                                             &EVP_CIPHER_CTX_free};
};

struct Task {
    Direction direction;
    std::uint32_t size;  ///< 0: IMIX
    std::size_t burst;
    bool dram;

    [[nodiscard]] std::string name() const {
        const std::string bytes = size == 0 ? "imix" : std::to_string(size);
        return fmt::format("aead/{}/{}/burst{}{}", direction == Direction::seal ? "encrypt" : "decrypt",
                           bytes, burst, dram ? "/dram" : "");
    }
};

struct Result {
    std::string name;
    std::vector<double> ours;    ///< million packets a second, by round
    std::vector<double> ratios;  ///< to IPsec-MB in the same round
    double ipsec_mb = 0;
    double openssl = 0;  ///< 0: not measured
};

class Bench {
  public:
    explicit Bench(const AeadPolicy& policy)
        : ours_(policy), ipsec_mb_(AeadPolicy::always(AeadPath::ipsec_mb)), memory_(kDramBytes), keys_(64) {
        for (std::size_t i = 0; i < keys_.size(); ++i)
            std::ranges::fill(keys_[i].span(), static_cast<std::uint8_t>(i + 1));
    }

    Result run(const Task& task, int rounds, bool with_openssl) {
        const auto by_ours = [&](std::span<AeadOperation> all) { ours_.run(all); };
        const auto by_ipsec_mb = [&](std::span<AeadOperation> all) { ipsec_mb_.run(all); };
        const auto by_openssl = [&](std::span<AeadOperation> all) { openssl_.run(all); };
        Result result{task.name(), {}, {}};
        std::vector<double> ipsec_mb;
        std::vector<double> openssl;
        for (int round = -3; round < rounds; ++round) {
            double ours = 0;
            double theirs = 0;
            // Who goes first changes, as the second finds the caches as the first left them.
            if (round % 2 == 0) {
                ours = rate(task, by_ours);
                theirs = rate(task, by_ipsec_mb);
            } else {
                theirs = rate(task, by_ipsec_mb);
                ours = rate(task, by_ours);
            }
            if (with_openssl) openssl.push_back(rate(task, by_openssl));
            if (round < 0) continue;
            result.ours.push_back(ours);
            result.ratios.push_back(ours / theirs);
            ipsec_mb.push_back(theirs);
        }
        result.ipsec_mb = median(ipsec_mb);
        if (with_openssl) result.openssl = median(openssl);
        return result;
    }

  private:
    /// Million packets a second of some bursts by `run`. Packets to open are sealed beforehand.
    double rate(const Task& task, const std::function<void(std::span<AeadOperation>)>& run) {
        const std::size_t bursts = std::max<std::size_t>(1, 36 / task.burst);
        imix_ = 0;  // both of a pair get the same sizes
        Clock::duration spent{};
        for (std::size_t i = 0; i < bursts; ++i) {
            const auto operations = lay_out(task);
            if (task.direction == Direction::open) {
                ipsec_mb_.run(operations);
                if (task.dram) cool_caches();
                for (AeadOperation& operation : operations)
                    operation.direction = Direction::open;
            }
            const auto begin = Clock::now();
            run(operations);
            spent += Clock::now() - begin;
            if (!std::ranges::all_of(operations, &AeadOperation::ok)) throw std::runtime_error("wrong tag");
        }
        return static_cast<double>(bursts * task.burst) * 1e3 /
               static_cast<double>(std::chrono::nanoseconds(spent).count());
    }

    /// The next burst: from the same memory, or, for DRAM, from memory that was not touched for long.
    std::span<AeadOperation> lay_out(const Task& task) {
        operations_.clear();
        if (!task.dram) next_slot_ = 0;
        for (std::size_t i = 0; i < task.burst; ++i) {
            const std::uint32_t size = task.size == 0 ? kImix[imix_++ % kImix.size()] : task.size;
            std::uint8_t* const data = memory_.data() + next_slot_ * kSlotBytes + 128;
            next_slot_ = (next_slot_ + 1) % (memory_.size() / kSlotBytes);
            operations_.push_back({&keys_[i % keys_.size()], counter_++, data, size, Direction::seal, false});
        }
        return operations_;
    }

    /// Sealing has warmed the packets; other memory cools them again.
    void cool_caches() {
        for (std::size_t at = 0; at < cooler_.size(); at += 64)
            cooler_[at] = static_cast<std::uint8_t>(cooler_[at] + 1);
    }

    AeadBurst ours_;
    AeadBurst ipsec_mb_;
    OpenSsl openssl_;
    std::vector<std::uint8_t> memory_;
    std::vector<std::uint8_t> cooler_ = std::vector<std::uint8_t>(8UL << 20);
    std::vector<SymmetricKey> keys_;
    std::vector<AeadOperation> operations_;
    std::size_t next_slot_ = 0;
    std::size_t imix_ = 0;
    std::uint64_t counter_ = 0;
};

std::string cpu_model() {
    std::ifstream in("/proc/cpuinfo");
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
    }
    return "unknown";
}

nlohmann::json to_json(const Result& result) {
    return {{"name", result.name},
            {"value", median(result.ours)},
            {"unit", "Mpps"},
            {"ratio", median(result.ratios)},
            {"ratio_to", "IPsec-MB burst"},
            {"runs", result.ours}};
}

std::uint64_t nanoseconds() {
    return static_cast<std::uint64_t>(std::chrono::nanoseconds(Clock::now().time_since_epoch()).count());
}

std::vector<Task> tasks(const Arguments& arguments) {
    std::vector<std::uint32_t> sizes(kSizes.begin(), kSizes.end());
    sizes.push_back(0);
    std::vector<std::size_t> bursts(kBursts.begin(), kBursts.end());
    if (arguments.quick) {
        sizes = {64, 0, 1420};
        bursts = {1, 4, 32};
    }
    std::vector<Task> all;
    for (const Direction direction : {Direction::seal, Direction::open}) {
        for (const std::uint32_t size : sizes) {
            for (const std::size_t burst : bursts)
                all.push_back({direction, size, burst, false});
            if (arguments.dram) all.push_back({direction, size, 32, true});
        }
    }
    return all;
}

void run(const Arguments& arguments) {
    const AeadPolicy policy = AeadPolicy::measured(std::nullopt, nanoseconds);
    Bench bench(policy);
    fmt::print(
        "{}, our path: {}\nMpps on one CPU, medians; the ratio is that of ours to IPsec-MB, pair by pair\n\n",
        cpu_model(), to_string(policy.path()));
    fmt::print("{:32} {:>8} {:>9} {:>8} {:>8}\n", "", "ours", "IPsec-MB", "OpenSSL", "ratio");
    nlohmann::json results = nlohmann::json::array();
    for (const Task& task : tasks(arguments)) {
        const Result result = bench.run(task, 101, task.burst == 32);
        const std::string openssl = result.openssl == 0 ? "" : fmt::format("{:.2f}", result.openssl);
        fmt::print("{:32} {:8.2f} {:9.2f} {:>8} {:8.2f}\n", result.name, median(result.ours), result.ipsec_mb,
                   openssl, median(result.ratios));
        results.push_back(to_json(result));
    }
    if (arguments.json.empty()) return;
    std::ofstream out(arguments.json);
    out << nlohmann::json{{"machine", {{"cpu", cpu_model()}}},
                          {"commit", arguments.commit},
                          {"results", results}}
               .dump(1)
        << "\n";
    if (!out) throw std::runtime_error("can't write " + arguments.json);
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Measures ChaCha20-Poly1305 over bursts: ours, IPsec-MB's, OpenSSL's");
    Arguments arguments;
    app.add_option("--json", arguments.json, "write results to this file too")->type_name("FILE");
    app.add_option("--commit", arguments.commit, "for the file")->type_name("TEXT");
    app.add_flag("--quick", arguments.quick, "a few sizes and bursts only");
    app.add_flag("--dram", arguments.dram, "packets from memory too, not only from the cache");
    CLI11_PARSE(app, argc, argv);
    try {
        run(arguments);
    } catch (const std::exception& error) {
        fmt::print(stderr, "bench-aead: {}\n", error.what());
        return 1;
    }
    return 0;
}
