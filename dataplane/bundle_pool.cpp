#include "dataplane/bundle_pool.h"

#include <new>

namespace ringway::dataplane {

BundlePool::BundlePool(std::size_t capacity, Sharing sharing)
    : capacity_(capacity),
      sharing_(sharing),
      bundles_(static_cast<Bundle*>(rte_malloc("bundles", capacity * sizeof(Bundle), alignof(Bundle)))),
      free_(capacity, users_of(sharing), users_of(sharing)) {
    if (!bundles_) throw std::bad_alloc();
    for (std::size_t i = 0; i < capacity; ++i) {
        new (&bundles_[i]) Bundle;
        (void)free_.push(static_cast<BundleIndex>(i));
    }
}

}  // namespace ringway::dataplane
