#pragma once

#include <array>
#include <cstdint>

#include "dataplane/bundle.h"

namespace ringway::dataplane {

/// The bundles that one turn's packets are being sorted into, by peer (outbound) or keypair (inbound). A
/// small direct-mapped table: a bundle that is full, or whose place another key needs, closes early, which
/// costs batching and never order. One thread.
class OpenBundles {
  public:
    /// As many can be open at a time.
    static constexpr std::size_t kMost = 128;

    /// Whether two keys may be one peer's, as an old session's and a new one's are: then no bundle closes
    /// before one that was opened earlier.
    enum class Keys : std::uint8_t { peers, sessions };

    explicit OpenBundles(Keys keys) : keys_(keys) {}

    /// The open bundle of `key`, or null.
    [[nodiscard]] Bundle* find(std::uint32_t key) const {
        const Entry& entry = slots_[key % kSlots];
        return entry.bundle != nullptr && entry.key == key ? entry.bundle : nullptr;
    }
    /// Calls close(bundle) for what must close before a bundle can be opened for `key`.
    template <typename Close>
    void make_place(std::uint32_t key, Close&& close) {
        if (count_ == opened_.size()) close_all(close);
        const Entry& occupant = slots_[key % kSlots];
        if (occupant.bundle == nullptr) return;
        const std::size_t last = occupant.position;
        for (std::size_t i = keys_ == Keys::sessions ? 0 : last; i <= last; ++i)
            close_at(i, close);
    }
    /// REQUIRES: make_place(key).
    void open(std::uint32_t key, Bundle* bundle) {
        slots_[key % kSlots] = {bundle, key, static_cast<std::uint32_t>(count_)};
        opened_[count_++] = static_cast<std::uint8_t>(key % kSlots);
    }
    /// Calls close(bundle) for every open bundle, oldest first, and forgets them.
    template <typename Close>
    void close_all(Close&& close) {
        for (std::size_t i = 0; i < count_; ++i)
            close_at(i, close);
        count_ = 0;
    }
    /// Takes all out, oldest first, and forgets them. How many.
    [[nodiscard]] std::size_t take_all(std::array<Bundle*, kMost>& bundles) {
        std::size_t count = 0;
        close_all([&](Bundle* bundle) { bundles[count++] = bundle; });
        return count;
    }

  private:
    static constexpr std::size_t kSlots = 256;
    struct Entry {
        Bundle* bundle = nullptr;
        std::uint32_t key = 0;
        std::uint32_t position = 0;  ///< in `opened_`
    };

    /// Closes the bundle that was opened at `position`, unless that is done.
    template <typename Close>
    void close_at(std::size_t position, Close& close) {
        Entry& entry = slots_[opened_[position]];
        if (entry.bundle == nullptr || entry.position != position) return;
        Bundle* bundle = entry.bundle;
        entry.bundle = nullptr;
        close(bundle);
    }

    Keys keys_;
    std::array<Entry, kSlots> slots_{};
    std::array<std::uint8_t, kMost> opened_{};  ///< places in `slots_`, in the order of opening
    std::size_t count_ = 0;
};

}  // namespace ringway::dataplane
