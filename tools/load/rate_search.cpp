#include "tools/load/rate_search.h"

#include <algorithm>
#include <cassert>

namespace ringway::load {
namespace {

constexpr double kStepUp = 1.5;
/// A gateway that does not even pass this much passes nothing.
constexpr double kLeast = 1;

}  // namespace

RateSearch::RateSearch(double first, double most, double precision)
    : first_(first), most_(most), precision_(precision) {
    assert(first > 0 && first <= most && precision > 0 && precision < 1);
}

std::optional<double> RateSearch::next() const {
    if (!failed_) {
        if (passed_ == 0) return first_;
        if (passed_ >= most_) return std::nullopt;
        return std::min(passed_ * kStepUp, most_);
    }
    if (*failed_ - passed_ <= precision_ * *failed_ || *failed_ <= kLeast) return std::nullopt;
    return (passed_ + *failed_) / 2;
}

void RateSearch::tell(bool passed) {
    const auto rate = next();
    if (!rate) return;
    if (passed) {
        passed_ = *rate;
    } else {
        failed_ = *rate;
    }
}

}  // namespace ringway::load
