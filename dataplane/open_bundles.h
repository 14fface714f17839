#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "dataplane/bundle.h"

namespace ringway::dataplane {

/// The bundles that one turn's packets are being sorted into, by peer (outbound) or keypair (inbound). They
/// leave together in the order in which they were opened, so that no session's packets overtake those of the
/// one before it. A small direct-mapped table finds them again: a bundle that is full, or whose place another
/// key has taken, gets no more packets, which costs batching and never order. One thread.
class OpenBundles {
  public:
    /// As many can be open at a time: a turn's packets, if each is another's.
    static constexpr std::size_t kMost = 256;

    /// The bundle of `key` that was opened last, or null if it is not known any more.
    [[nodiscard]] Bundle* find(std::uint32_t key) const {
        const Entry& entry = slots_[key % kSlots];
        return entry.bundle != nullptr && entry.key == key ? entry.bundle : nullptr;
    }
    [[nodiscard]] bool full() const { return count_ == kMost; }
    /// REQUIRES: not full.
    void open(std::uint32_t key, Bundle* bundle) {
        slots_[key % kSlots] = {bundle, key};
        opened_[count_] = bundle;
        used_[count_++] = static_cast<std::uint16_t>(key % kSlots);
    }
    /// Takes all out, oldest first. They lie here until the next is opened.
    [[nodiscard]] std::span<Bundle* const> take_all() {
        const std::span<Bundle* const> all(opened_.data(), count_);
        for (std::size_t i = 0; i < count_; ++i)
            slots_[used_[i]].bundle = nullptr;
        count_ = 0;
        return all;
    }

  private:
    static constexpr std::size_t kSlots = 512;
    struct Entry {
        Bundle* bundle = nullptr;
        std::uint32_t key = 0;
    };

    std::array<Entry, kSlots> slots_{};
    std::array<Bundle*, kMost> opened_{};      ///< in the order of opening
    std::array<std::uint16_t, kMost> used_{};  ///< places in `slots_`, in the same order
    std::size_t count_ = 0;
};

}  // namespace ringway::dataplane
