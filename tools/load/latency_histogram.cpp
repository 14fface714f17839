#include "tools/load/latency_histogram.h"

#include <algorithm>
#include <cmath>

namespace ringway::load {

void LatencyHistogram::add(const LatencyHistogram& other) {
    for (std::size_t i = 0; i < counts_.size(); ++i)
        counts_[i] += other.counts_[i];
    count_ += other.count_;
    sum_ += other.sum_;
    min_ = std::min(min_, other.min_);
    max_ = std::max(max_, other.max_);
}

std::uint64_t LatencyHistogram::upper_end(std::size_t bucket) {
    if (bucket < 2 * kLinear) return bucket;
    const std::size_t shift = bucket / kLinear - 1;
    const std::uint64_t mantissa = bucket - shift * kLinear;
    return ((mantissa + 1) << shift) - 1;
}

std::uint64_t LatencyHistogram::percentile(double percent) const {
    if (count_ == 0) return 0;
    const double exact = std::ceil(percent / 100 * static_cast<double>(count_));
    const auto wanted = std::clamp<std::uint64_t>(static_cast<std::uint64_t>(exact), 1, count_);
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
        seen += counts_[i];
        if (seen >= wanted) return std::min(upper_end(i), max_);
    }
    return max_;
}

}  // namespace ringway::load
