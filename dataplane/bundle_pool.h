#pragma once

#include <memory>
#include <span>

#include "dataplane/bundle.h"
#include "dataplane/ring.h"

namespace ringway::dataplane {

/// Every bundle there is, in one array so that an index names one. Its size is the bound of bundles
/// in flight. take() and give() by any thread registered with EAL or not.
class BundlePool {
  public:
    /// REQUIRES: EAL is up. Throws std::bad_alloc.
    explicit BundlePool(std::size_t capacity, Sharing sharing = Sharing::shared);

    /// An empty bundle, opened `now` (TSC), or null when all are in flight.
    [[nodiscard]] Bundle* take(std::uint64_t now) {
        BundleIndex index = 0;
        if (!free_.pop(index)) return nullptr;
        bundles_[index].reset(now);
        return &bundles_[index];
    }
    void give(Bundle* bundle) { (void)free_.push(index_of(bundle)); }
    /// The same for many, as they are. How many were taken into the front of `bundles`.
    [[nodiscard]] std::size_t take_some(std::span<BundleIndex> bundles) { return free_.pop_some(bundles); }
    void give_some(std::span<const BundleIndex> bundles) { (void)free_.push_some(bundles); }

    [[nodiscard]] Bundle& at(BundleIndex index) { return bundles_[index]; }
    [[nodiscard]] BundleIndex index_of(const Bundle* bundle) const {
        return static_cast<BundleIndex>(bundle - bundles_.get());
    }
    /// Whether several lcores hand its bundles to each other.
    [[nodiscard]] Sharing sharing() const { return sharing_; }
    [[nodiscard]] std::size_t capacity() const { return capacity_; }
    [[nodiscard]] std::size_t in_use() const { return capacity_ - free_.size(); }

  private:
    struct Free {
        void operator()(Bundle* bundles) const { rte_free(bundles); }
    };
    std::size_t capacity_;
    Sharing sharing_;
    std::unique_ptr<Bundle[], Free> bundles_;
    Ring<BundleIndex> free_;
};

}  // namespace ringway::dataplane
