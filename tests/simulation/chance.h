#pragma once

#include <cstdint>
#include <random>

#include "crypto/random.h"

namespace ringway::simulation {

/// Decisions of a world, all from its seed.
class Chance {
  public:
    explicit Chance(std::uint64_t seed) : engine_(seed) {}

    /// True so often, 0 to 1.
    [[nodiscard]] bool happens(double probability) { return fraction() < probability; }
    /// 0 up to, not including, 1.
    [[nodiscard]] double fraction() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }
    /// 0 to bound - 1. REQUIRES: bound is not 0.
    [[nodiscard]] std::uint64_t below(std::uint64_t bound) { return engine_() % bound; }
    /// From `low` to `high`, both included.
    [[nodiscard]] std::uint64_t between(std::uint64_t low, std::uint64_t high) {
        return low + below(high - low + 1);
    }
    [[nodiscard]] std::uint64_t bits() { return engine_(); }

  private:
    std::mt19937_64 engine_;
};

/// Keys and nonces of one life of a node: another life never sees the same.
class NodeRandom final : public crypto::Random {
  public:
    explicit NodeRandom(std::uint64_t seed) : engine_(seed) {}
    void fill(std::span<std::uint8_t> out) override {
        std::uint64_t word = 0;
        for (std::size_t i = 0; i < out.size(); ++i) {
            if (i % sizeof(word) == 0) word = engine_();
            out[i] = static_cast<std::uint8_t>(word >> (8 * (i % sizeof(word))));
        }
    }

  private:
    std::mt19937_64 engine_;
};

}  // namespace ringway::simulation
