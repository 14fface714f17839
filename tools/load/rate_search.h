#pragma once

#include <optional>

namespace ringway::load {

/// Looks for the highest rate that passes, as RFC 2544 does: up from a first guess until a rate fails, then
/// halving what lies between the highest that passed and the lowest that failed.
class RateSearch {
  public:
    /// Rates are packets per second. `precision`: share of the lowest failed rate that may remain unknown.
    /// `most`: no rate above it is tried. REQUIRES: 0 < first <= most, 0 < precision < 1.
    RateSearch(double first, double most, double precision);

    /// The next rate to try; nothing when the answer is known.
    [[nodiscard]] std::optional<double> next() const;
    /// Whether next() passed.
    void tell(bool passed);
    /// The highest rate that passed; 0 if none did.
    [[nodiscard]] double best() const { return passed_; }

  private:
    double first_;
    double most_;
    double precision_;
    double passed_ = 0;
    std::optional<double> failed_;  ///< the lowest
};

}  // namespace ringway::load
