#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace ringway::tests {

/// Takes an input apart, from the front. What is not there any more is zero.
class InputBytes {
  public:
    explicit InputBytes(std::span<const std::uint8_t> input) : left_(input) {}

    [[nodiscard]] bool empty() const { return left_.empty(); }
    [[nodiscard]] std::uint8_t u8() { return number<std::uint8_t>(); }
    [[nodiscard]] std::uint16_t u16() { return number<std::uint16_t>(); }
    /// 0 to bound - 1, of one byte. REQUIRES: bound is 1 to 256.
    [[nodiscard]] std::size_t below(std::size_t bound) { return u8() % bound; }
    /// So many, or what is left.
    [[nodiscard]] std::span<const std::uint8_t> bytes(std::size_t count) {
        const auto taken = left_.first(std::min(count, left_.size()));
        left_ = left_.subspan(taken.size());
        return taken;
    }

  private:
    template <typename Number>
    [[nodiscard]] Number number() {
        Number value = 0;
        const auto taken = bytes(sizeof value);
        if (!taken.empty()) std::memcpy(&value, taken.data(), taken.size());
        return value;
    }

    std::span<const std::uint8_t> left_;
};

}  // namespace ringway::tests
