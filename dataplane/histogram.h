#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "dataplane/counters.h"

namespace ringway::dataplane {

/// What a histogram held at one moment. Bucket i counts durations above bound(i - 1) and up to bound(i);
/// the last one those above every bound.
struct Distribution {
    unsigned first_exponent = 0;
    std::vector<std::uint64_t> counts;
    std::uint64_t sum_nanoseconds = 0;

    /// Nanoseconds. REQUIRES: i is not the last bucket.
    [[nodiscard]] std::uint64_t bound(std::size_t i) const {
        return std::uint64_t{1} << (first_exponent + i);
    }
    [[nodiscard]] std::uint64_t count() const {
        std::uint64_t all = 0;
        for (const std::uint64_t n : counts)
            all += n;
        return all;
    }
    /// Adds another of the same bounds; an empty one takes them over.
    void add(const Distribution& other) {
        if (counts.empty()) counts.resize(other.counts.size());
        first_exponent = other.first_exponent;
        for (std::size_t i = 0; i < counts.size(); ++i)
            counts[i] += other.counts[i];
        sum_nanoseconds += other.sum_nanoseconds;
    }
};

/// Durations counted by powers of two of nanoseconds, 2^FirstExponent and `Bounds` - 1 more: the same
/// bounds on every machine, so that those of several gateways add up. One writer, any readers.
template <unsigned FirstExponent, std::size_t Bounds>
class Histogram {
  public:
    void add(std::uint64_t nanoseconds) {
        const auto exponent = static_cast<unsigned>(std::bit_width(nanoseconds - (nanoseconds != 0 ? 1 : 0)));
        counts_[std::min<std::size_t>(std::max(exponent, FirstExponent) - FirstExponent, Bounds)].add();
        sum_.add(nanoseconds);
    }
    [[nodiscard]] Distribution read() const {
        Distribution read{.first_exponent = FirstExponent, .counts = {}, .sum_nanoseconds = sum_.get()};
        for (const Counter& count : counts_)
            read.counts.push_back(count.get());
        return read;
    }

  private:
    std::array<Counter, Bounds + 1> counts_;
    Counter sum_;
};

/// TSC cycles as nanoseconds, for one multiplication and a shift. Good for durations up to an hour.
class CycleScale {
  public:
    CycleScale() = default;
    explicit CycleScale(std::uint64_t cycles_per_second)
        : factor_((kNanosecondsPerSecond << kShift) / std::max<std::uint64_t>(cycles_per_second, 1)) {}
    [[nodiscard]] std::uint64_t nanoseconds(std::uint64_t cycles) const { return cycles * factor_ >> kShift; }

  private:
    static constexpr std::uint64_t kNanosecondsPerSecond = 1'000'000'000;
    static constexpr unsigned kShift = 20;
    std::uint64_t factor_ = 0;
};

/// Where the time of an lcore and of what passes it goes. Its thread writes, any reads.
struct LcoreTimes {
    /// 256 ns to 134 ms.
    using Times = Histogram<8, 20>;

    std::array<Times, kStages> stages;  ///< one turn of a stage that found work
    /// By Direction: a bundle from the turn that opened it until its last packet was handed on, as SparseTime
    /// tells it.
    std::array<Times, 2> bundles;
};

}  // namespace ringway::dataplane
