#pragma once

#include <memory>

#include "dataplane/bundle.h"
#include "dataplane/ring.h"

namespace ringway::dataplane {

/// Every bundle there is, in one array so that an index names one. Its size is the bound of bundles
/// in flight. take() and give() by any thread registered with EAL or not.
class BundlePool {
  public:
    /// REQUIRES: EAL is up. Throws std::bad_alloc.
    explicit BundlePool(std::size_t capacity);

    /// An empty bundle, opened `now` (TSC), or null when all are in flight.
    [[nodiscard]] Bundle* take(std::uint64_t now) {
        BundleIndex index = 0;
        if (!free_.pop(index)) return nullptr;
        Bundle& bundle = bundles_[index];
        bundle.state.store(Bundle::State::pending, std::memory_order_relaxed);
        bundle.next.store(kNoBundle, std::memory_order_relaxed);
        bundle.count = 0;
        bundle.drained = 0;
        bundle.authentic = 0;
        bundle.opened = now;
        return &bundle;
    }
    void give(Bundle* bundle) { (void)free_.push(index_of(bundle)); }

    [[nodiscard]] Bundle& at(BundleIndex index) { return bundles_[index]; }
    [[nodiscard]] BundleIndex index_of(const Bundle* bundle) const {
        return static_cast<BundleIndex>(bundle - bundles_.get());
    }
    [[nodiscard]] std::size_t capacity() const { return capacity_; }
    [[nodiscard]] std::size_t in_use() const { return capacity_ - free_.size(); }

  private:
    struct Free {
        void operator()(Bundle* bundles) const { rte_free(bundles); }
    };
    std::size_t capacity_;
    std::unique_ptr<Bundle[], Free> bundles_;
    Ring<BundleIndex> free_;
};

}  // namespace ringway::dataplane
