#pragma once

#include <sodium.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <span>

#include "crypto/random.h"

namespace ringway::tests {

/// Random bytes that a seed repeats, for tests only.
class SeededRandom final : public crypto::Random {
  public:
    explicit SeededRandom(std::uint64_t seed) : state_{seed, 0} {}

    void fill(std::span<std::uint8_t> out) override {
        if (out.empty()) return;  // libsodium wants a pointer even then
        std::array<std::uint8_t, randombytes_SEEDBYTES> seed{};
        std::memcpy(seed.data(), state_.data(), sizeof(state_));
        ++state_[1];
        randombytes_buf_deterministic(out.data(), out.size(), seed.data());
    }

    /// Uniform enough for a test: 0..bound-1.
    [[nodiscard]] std::uint32_t below(std::uint32_t bound) {
        return static_cast<std::uint32_t>((std::uint64_t{next_u32()} * bound) >> 32);
    }

  private:
    std::array<std::uint64_t, 2> state_;  ///< the seed, and how many times fill() was called
};

}  // namespace ringway::tests
