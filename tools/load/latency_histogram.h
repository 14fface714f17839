#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace ringway::load {

/// Durations in nanoseconds, counted in buckets that are linear within each power of two (as in Gil Tene's
/// HdrHistogram): no value is off by more than one part in 64, and there is no upper limit. One thread.
class LatencyHistogram {
  public:
    void add(std::uint64_t nanoseconds) {
        ++counts_[bucket(nanoseconds)];
        ++count_;
        sum_ += nanoseconds;
        if (nanoseconds > max_) max_ = nanoseconds;
        if (nanoseconds < min_) min_ = nanoseconds;
    }
    void add(const LatencyHistogram& other);
    void clear() { *this = LatencyHistogram(); }

    [[nodiscard]] std::uint64_t count() const { return count_; }
    [[nodiscard]] std::uint64_t min() const { return count_ == 0 ? 0 : min_; }
    [[nodiscard]] std::uint64_t max() const { return max_; }
    [[nodiscard]] double mean() const {
        return count_ == 0 ? 0 : static_cast<double>(sum_) / static_cast<double>(count_);
    }
    /// The least duration that `percent` of all do not exceed, rounded up to its bucket's end but not
    /// beyond max(); 0 if there are none. REQUIRES: 0 < percent <= 100.
    [[nodiscard]] std::uint64_t percentile(double percent) const;

  private:
    static constexpr unsigned kLinearBits = 6;
    static constexpr std::size_t kLinear = std::size_t{1} << kLinearBits;

    [[nodiscard]] static std::size_t bucket(std::uint64_t value) {
        if (value < kLinear) return value;
        const auto shift = static_cast<unsigned>(std::bit_width(value)) - kLinearBits - 1;
        return shift * kLinear + (value >> shift);
    }
    /// The greatest value of a bucket.
    [[nodiscard]] static std::uint64_t upper_end(std::size_t bucket);

    std::uint64_t count_ = 0;
    std::uint64_t sum_ = 0;
    std::uint64_t min_ = ~std::uint64_t{0};
    std::uint64_t max_ = 0;
    std::array<std::uint64_t, (64 - kLinearBits + 1) * kLinear> counts_{};
};

}  // namespace ringway::load
