#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

#include "dataplane/bundle_pool.h"
#include "dataplane/counters.h"

namespace ringway::dataplane {

/// One lcore's handful of free bundles, the last used first because it is warm. The pool's ring is touched
/// once in many. One thread.
class BundleCache {
  public:
    /// Holds no more than `most`, so that what lies here idle is not missed elsewhere.
    BundleCache(BundlePool& pool, std::size_t most) : pool_(pool), most_(std::min(most, kMost)) {}

    /// An empty bundle, opened `now` (TSC), or null when all are in flight.
    [[nodiscard]] Bundle* take(std::uint64_t now) {
        std::size_t count = count_.get();
        if (count == 0) count = pool_.take_some(std::span(free_).first(std::max<std::size_t>(most_ / 2, 1)));
        if (count == 0) return nullptr;
        count_.set(--count);
        Bundle& bundle = pool_.at(free_[count]);
        bundle.reset(now);
        return &bundle;
    }
    void give(Bundle* bundle) {
        if (count_.get() >= most_) spill();
        free_[count_.get()] = pool_.index_of(bundle);
        count_.set(count_.get() + 1);
    }
    [[nodiscard]] Sharing sharing() const { return pool_.sharing(); }
    /// Any thread.
    [[nodiscard]] std::size_t count() const { return count_.get(); }
    [[nodiscard]] Bundle& at(BundleIndex index) { return pool_.at(index); }
    [[nodiscard]] BundleIndex index_of(const Bundle* bundle) const { return pool_.index_of(bundle); }

  private:
    /// More than one turn opens with a peer for every packet: they are to come back warm.
    static constexpr std::size_t kMost = 512;

    /// The older half goes back.
    void spill() {
        const std::size_t half = (count_.get() + 1) / 2;
        pool_.give_some(std::span(free_).first(half));
        std::copy(free_.begin() + static_cast<std::ptrdiff_t>(half),
                  free_.begin() + static_cast<std::ptrdiff_t>(count_.get()), free_.begin());
        count_.set(count_.get() - half);
    }

    BundlePool& pool_;
    const std::size_t most_;
    Gauge count_;
    std::array<BundleIndex, kMost + 1> free_{};
};

}  // namespace ringway::dataplane
