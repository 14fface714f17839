#include "tools/benchmarks/aead_contest.h"

#include <emmintrin.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <stdexcept>

namespace ringway::bench {
namespace {

using crypto::AeadOperation;
using crypto::AeadPath;
using crypto::AeadPolicy;
using Clock = std::chrono::steady_clock;
using Direction = AeadOperation::Direction;

/// 64, 594 and 1420 bytes in 7:4:1.
constexpr std::array<std::uint32_t, 12> kImix = {64, 594, 64, 64, 594, 64, 1420, 64, 594, 64, 64, 594};
/// As packets lie in DPDK's pools. With a power of two they would share a few sets of the cache.
constexpr std::size_t kSlotBytes = 2368;
constexpr std::size_t kHeadroomBytes = 128;
/// More pages than a CPU keeps translations for; from the caches packets are flushed.
constexpr std::size_t kMemoryBytes = 16UL << 20;
constexpr std::size_t kCacheLine = 64;
/// Of one measurement, a multiple of the IMIX: short, so that little comes between two of a round, but long
/// enough for the CPU to settle after other code. For some 20 us, the call of 32 packets that was measured
/// before, dense 512-bit code runs a tenth slower on a Xeon.
constexpr std::size_t kPackets = 288;
/// Rounds that are not counted, in which caches and predictors learn.
constexpr int kWarmUps = 3;
/// Where IPsec-MB's burst is among the ways.
constexpr std::size_t kReference = 1;

void flush_from_caches(std::span<const AeadOperation> operations) {
    for (const AeadOperation& operation : operations) {
        for (std::size_t at = 0; at < operation.length + crypto::kTagBytes; at += kCacheLine)
            _mm_clflush(operation.data + at);
    }
    _mm_mfence();
}

}  // namespace

std::string AeadTask::name() const {
    return std::string("aead/") + (direction == Direction::seal ? "encrypt/" : "decrypt/") +
           (size == 0 ? "imix" : std::to_string(size)) + "/burst" + std::to_string(burst) +
           (dram ? "/dram" : "");
}

AeadContest::AeadContest(const AeadPolicy& policy)
    : ours_(policy), ipsec_mb_(AeadPolicy::always(AeadPath::ipsec_mb)), memory_(kMemoryBytes), keys_(64) {
    for (std::size_t i = 0; i < keys_.size(); ++i)
        std::ranges::fill(keys_[i].span(), static_cast<std::uint8_t>(i + 1));
    ways_ = {{"", [this](auto all) { ours_.run(all); }},
             {"/ipsec-mb-burst", [this](auto all) { ipsec_mb_.run(all); }},
             {"/ipsec-mb-direct", [this](auto all) { direct_.run(all); }},
             {"/openssl", [this](auto all) { openssl_.run(all); }}};
}

std::vector<Result> AeadContest::run(const AeadTask& task, int rounds) {
    std::vector<Result> results;
    for (const Way& way : ways_)
        results.push_back({.name = task.name() + way.suffix, .unit = "Mpps", .ratio_to = "IPsec-MB burst"});
    for (int round = -kWarmUps; round < rounds; ++round) {
        // Who goes first changes, as the next finds the caches as the one before left them.
        for (std::size_t i = 0; i < ways_.size(); ++i) {
            const std::size_t which = (static_cast<std::size_t>(round + kWarmUps) + i) % ways_.size();
            const double reached = rate(task, ways_[which]);
            if (round >= 0) results[which].runs.push_back(reached);
        }
    }
    for (std::size_t i = 0; i < results.size(); ++i) {
        if (i != kReference) results[i].others = results[kReference].runs;
    }
    return results;
}

std::vector<double> AeadContest::raw(std::uint32_t size, int rounds) {
    const AeadTask task{Direction::seal, size, 32, false};
    std::vector<double> rates;
    for (int round = -kWarmUps; round < rounds; ++round) {
        const double reached = rate(task, ways_[kReference]);
        if (round >= 0) rates.push_back(reached);
    }
    return rates;
}

/// Million packets a second of some bursts. Packets to open are sealed beforehand.
double AeadContest::rate(const AeadTask& task, const Way& way) {
    const std::size_t bursts = std::max<std::size_t>(1, kPackets / task.burst);
    imix_ = 0;  // all ways get the same sizes
    Clock::duration spent{};
    for (std::size_t i = 0; i < bursts; ++i) {
        const auto operations = lay_out(task);
        if (task.direction == Direction::open) {
            ipsec_mb_.run(operations);
            for (AeadOperation& operation : operations)
                operation.direction = Direction::open;
        }
        if (task.dram) flush_from_caches(operations);
        const auto begin = Clock::now();
        way.run(operations);
        spent += Clock::now() - begin;
        if (!std::ranges::all_of(operations, &AeadOperation::ok)) throw std::runtime_error("wrong tag");
    }
    return static_cast<double>(bursts * task.burst) * 1e3 /
           static_cast<double>(std::chrono::nanoseconds(spent).count());
}

/// The next burst: in the same memory, or, for DRAM, in other pages than those before.
std::span<AeadOperation> AeadContest::lay_out(const AeadTask& task) {
    operations_.clear();
    if (!task.dram) next_slot_ = 0;
    for (std::size_t i = 0; i < task.burst; ++i) {
        const std::uint32_t size = task.size == 0 ? kImix[imix_++ % kImix.size()] : task.size;
        std::uint8_t* const data = memory_.data() + next_slot_ * kSlotBytes + kHeadroomBytes;
        next_slot_ = (next_slot_ + 1) % (memory_.size() / kSlotBytes);
        operations_.push_back({&keys_[i % keys_.size()], counter_++, data, size, Direction::seal, false});
    }
    return operations_;
}

}  // namespace ringway::bench
