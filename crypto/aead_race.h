#pragma once

// Short races between a multi-buffer kernel and IPsec-MB, from which AeadPolicy learns.

#include <array>
#include <cstdint>
#include <memory>
#include <span>

namespace ringway::crypto {

namespace simd {
struct Kernel;
}

class AeadRace {
  public:
    using Clock = std::uint64_t (*)();  ///< nanoseconds

    struct Verdict {
        std::array<bool, 2> by_direction;  ///< the kernel is at least as fast, sealing and opening
    };

    /// REQUIRES: the CPU has what `kernel` needs.
    AeadRace(Clock clock, const simd::Kernel* kernel);
    ~AeadRace();
    AeadRace(const AeadRace&) = delete;
    AeadRace& operator=(const AeadRace&) = delete;

    /// Bursts of `packets` (at most 32) packets of `length` (at most 9216) bytes, by both in turn. The
    /// shortest of a few times counts, as the least disturbed.
    [[nodiscard]] Verdict run(unsigned packets, std::uint32_t length);

    /// The one that seals bursts of middling packets fastest; null if there is none.
    [[nodiscard]] static const simd::Kernel* fastest(Clock clock,
                                                     std::span<const simd::Kernel* const> kernels);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace ringway::crypto
