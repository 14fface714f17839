#pragma once

#include <random>

#include "crypto/random.h"

namespace ringway::control::protocol::test {

/// Randomness that a test can repeat.
class SeededRandom final : public crypto::Random {
  public:
    explicit SeededRandom(std::uint64_t seed) : engine_(seed) {}
    void fill(std::span<std::uint8_t> out) override {
        for (std::uint8_t& byte : out)
            byte = static_cast<std::uint8_t>(engine_());
    }

  private:
    std::mt19937_64 engine_;
};

}  // namespace ringway::control::protocol::test
