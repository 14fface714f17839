#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "crypto/messages.h"

namespace ringway::dataplane {

/// Which counters of a session were received already: a sliding bitmap over the greatest counter
/// and the kReplayWindow counters before it, after RFC 6479. The rules and sizes are those of the
/// Linux kernel. One thread at a time (the TX lcore that drains the peer).
class ReplayWindow {
  public:
    /// True the first time that `counter` is seen inside the window, and from then on it counts as
    /// seen. False for a repetition, for a counter that has fallen out of the window and for one at or
    /// above REJECT_AFTER_MESSAGES. Call it only for authenticated packets.
    [[nodiscard]] bool accept(std::uint64_t counter) {
        if (counter >= crypto::kRejectAfterMessages) return false;
        const std::uint64_t position = counter + 1;
        if (position + crypto::kReplayWindow < greatest_) return false;
        if (position > greatest_) advance(position);

        std::uint64_t& word = bitmap_[word_of(position) % kWords];
        const std::uint64_t bit = std::uint64_t{1} << position % kWordBits;
        if ((word & bit) != 0) return false;
        word |= bit;
        return true;
    }

    /// A while before accept().
    void prefetch(std::uint64_t counter) const {
        __builtin_prefetch(&greatest_);
        __builtin_prefetch(&bitmap_[word_of(counter + 1) % kWords]);
    }

  private:
    static constexpr std::size_t kWordBits = 64;
    static constexpr std::size_t kWords = crypto::kReplayBitmapBits / kWordBits;
    static_assert(kWords * kWordBits == crypto::kReplayBitmapBits);
    static_assert(crypto::kReplayWindow + kWordBits <= crypto::kReplayBitmapBits,
                  "a word that is cleared whole must be out of the window whole");

    [[nodiscard]] static constexpr std::uint64_t word_of(std::uint64_t position) {
        return position / kWordBits;
    }

    /// Clears the words that the window moves into, each once at most.
    void advance(std::uint64_t position) {
        const std::uint64_t from = word_of(greatest_);
        const std::uint64_t count = std::min<std::uint64_t>(word_of(position) - from, kWords);
        for (std::uint64_t i = 1; i <= count; ++i)
            bitmap_[(from + i) % kWords] = 0;
        greatest_ = position;
    }

    // Positions are counters plus one, so that zero means "nothing yet". They can't wrap: see
    // kRejectAfterMessages.
    std::uint64_t greatest_ = 0;
    std::array<std::uint64_t, kWords> bitmap_{};
};

}  // namespace ringway::dataplane
