#pragma once

#include <cstdint>
#include <span>

namespace ringway::crypto {

/// Where unpredictable bytes come from. Injected, so that tests can be repeated from a seed.
class Random {
  public:
    virtual ~Random() = default;
    /// Fills `out`. Never fails, never blocks after start-up, never allocates.
    virtual void fill(std::span<std::uint8_t> out) = 0;

    [[nodiscard]] std::uint32_t next_u32() {
        std::uint32_t value = 0;
        fill({reinterpret_cast<std::uint8_t*>(&value), sizeof(value)});
        return value;
    }
};

/// The operating system's generator (libsodium's randombytes).
class SystemRandom final : public Random {
  public:
    void fill(std::span<std::uint8_t> out) override;
};

}  // namespace ringway::crypto
