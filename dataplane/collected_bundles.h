#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "dataplane/bundle.h"

namespace ringway::dataplane {

/// Bundles of one turn that wait for a ring operation of their own: one for many. One thread.
class CollectedBundles {
  public:
    [[nodiscard]] bool full() const { return count_ == bundles_.size(); }
    /// REQUIRES: not full.
    void add(Bundle* bundle) { bundles_[count_++] = bundle; }
    [[nodiscard]] std::span<Bundle* const> bundles() const { return {bundles_.data(), count_}; }
    void clear() { count_ = 0; }

  private:
    std::array<Bundle*, 64> bundles_{};
    std::size_t count_ = 0;
};

}  // namespace ringway::dataplane
