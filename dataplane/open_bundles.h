#pragma once

#include <array>
#include <cstdint>

#include "dataplane/bundle.h"

namespace ringway::dataplane {

/// The bundles that one burst is being sorted into, by peer (outbound) or keypair (inbound). A small
/// direct-mapped table: on a collision the older bundle closes early, which costs batching and never
/// order. One thread.
class OpenBundles {
  public:
    /// As many can be open at a time.
    static constexpr std::size_t kMost = 128;

    /// The open bundle of `key`, or null.
    [[nodiscard]] Bundle* find(std::uint32_t key) const {
        const Entry& entry = slots_[key % kSlots];
        return entry.bundle != nullptr && entry.key == key ? entry.bundle : nullptr;
    }
    /// Whatever holds the place that `key` needs, which the caller must close first; or null.
    [[nodiscard]] Bundle* take_occupant(std::uint32_t key) {
        Entry& entry = slots_[key % kSlots];
        Bundle* bundle = entry.bundle;
        entry.bundle = nullptr;
        return bundle;
    }
    /// REQUIRES: the place is free.
    void open(std::uint32_t key, Bundle* bundle) {
        slots_[key % kSlots] = {bundle, key};
        if (used_count_ < used_.size()) used_[used_count_++] = static_cast<std::uint8_t>(key % kSlots);
    }
    /// Calls close(bundle) for every open bundle, oldest first, and forgets them.
    template <typename Close>
    void close_all(Close&& close) {
        for (std::size_t i = 0; i < used_count_; ++i) {
            Bundle* bundle = slots_[used_[i]].bundle;
            slots_[used_[i]].bundle = nullptr;
            if (bundle != nullptr) close(bundle);
        }
        used_count_ = 0;
    }
    /// Takes all out, oldest first, and forgets them. How many.
    [[nodiscard]] std::size_t take_all(std::array<Bundle*, kMost>& bundles) {
        std::size_t count = 0;
        close_all([&](Bundle* bundle) { bundles[count++] = bundle; });
        return count;
    }
    /// True when no more bundles can be remembered: close_all() first.
    [[nodiscard]] bool full() const { return used_count_ == used_.size(); }

  private:
    static constexpr std::size_t kSlots = 256;
    struct Entry {
        Bundle* bundle = nullptr;
        std::uint32_t key = 0;
    };
    std::array<Entry, kSlots> slots_{};
    std::array<std::uint8_t, kMost> used_{};
    std::size_t used_count_ = 0;
};

}  // namespace ringway::dataplane
