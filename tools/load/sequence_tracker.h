#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace ringway::load {

/// How a numbered packet came, seen against those before it.
enum class Arrival : std::uint8_t {
    in_order,   ///< the next one, or later than the next: a gap
    late,       ///< overtaken by another, and not seen before
    duplicate,  ///< seen before
    ancient,    ///< so far behind that nobody can tell
};

/// Which numbers of one flow or session were received: a bitmap over the greatest one and the kWindow
/// before it. Many of them are kept at once, so it is small. One thread.
class SequenceTracker {
  public:
    static constexpr std::size_t kWindow = 960;

    Arrival take(std::uint64_t number) {
        if (number >= next_) {
            advance(number);
            return Arrival::in_order;
        }
        if (next_ - number > kWindow) return Arrival::ancient;
        std::uint64_t& word = words_[number / kWordBits % kWords];
        const std::uint64_t bit = std::uint64_t{1} << number % kWordBits;
        if ((word & bit) != 0) return Arrival::duplicate;
        word |= bit;
        return Arrival::late;
    }
    /// The same for the low 32 bits of a number: it is taken for the one nearest to the next.
    Arrival take_low(std::uint32_t low) {
        const auto distance = static_cast<std::int32_t>(low - static_cast<std::uint32_t>(next_));
        if (distance < 0 && static_cast<std::uint64_t>(-std::int64_t{distance}) > next_)
            return Arrival::ancient;
        return take(next_ + static_cast<std::uint64_t>(std::int64_t{distance}));
    }
    /// One more than the greatest number seen.
    [[nodiscard]] std::uint64_t next() const { return next_; }

  private:
    static constexpr std::size_t kWordBits = 64;
    static constexpr std::size_t kWords = 16;
    static_assert(kWindow + kWordBits <= kWords * kWordBits, "a word that is cleared is out of the window");

    void advance(std::uint64_t number) {
        // next_ counts numbers: the word of the greatest one seen is that of next_ - 1, and before the
        // first one all words are clear.
        const std::uint64_t from = next_ == 0 ? 0 : (next_ - 1) / kWordBits;
        const std::uint64_t to = number / kWordBits;
        for (std::uint64_t word = to - std::min<std::uint64_t>(to - from, kWords); word < to; ++word)
            words_[(word + 1) % kWords] = 0;
        words_[to % kWords] |= std::uint64_t{1} << number % kWordBits;
        next_ = number + 1;
    }

    std::uint64_t next_ = 0;
    std::array<std::uint64_t, kWords> words_{};
};

}  // namespace ringway::load
