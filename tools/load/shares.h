#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace ringway::load {

/// Deals out kinds in given shares, as evenly as can be: each time the one that is furthest behind.
template <std::size_t Kinds>
class Shares {
  public:
    /// REQUIRES: none is negative, and one is positive.
    explicit Shares(const std::array<double, Kinds>& shares) : shares_(shares) {
        for (const double share : shares_)
            total_ += share;
    }

    [[nodiscard]] std::size_t next() {
        std::size_t chosen = 0;
        for (std::size_t i = 0; i < Kinds; ++i) {
            credit_[i] += shares_[i];
            if (credit_[i] > credit_[chosen]) chosen = i;
        }
        credit_[chosen] -= total_;
        return chosen;
    }

  private:
    std::array<double, Kinds> shares_;
    std::array<double, Kinds> credit_{};
    double total_ = 0;
};

}  // namespace ringway::load
