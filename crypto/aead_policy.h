#pragma once

// Which implementation a burst is given to: IPsec-MB, which does one packet after another, or a
// multi-buffer kernel, which fills its lanes from all of them and therefore wants several.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "crypto/aead_operation.h"

namespace ringway::crypto {

namespace simd {
struct Kernel;
}

enum class AeadPath : std::uint8_t { ipsec_mb, avx2, avx512 };

/// As the configuration writes it.
[[nodiscard]] std::string_view to_string(AeadPath path);

/// Whether this CPU has the instructions.
[[nodiscard]] bool is_usable(AeadPath path);
/// All that are, the most promising last.
[[nodiscard]] std::vector<AeadPath> usable_aead_paths();

/// A kernel, if any, and the bursts that it takes. A value: one is made at start-up and copied to
/// every lcore.
class AeadPolicy {
  public:
    /// Nanoseconds of a clock that goes steadily on.
    using Clock = std::uint64_t (*)();

    /// Unmeasured: the best kernel of this CPU from eight packets on, IPsec-MB below.
    AeadPolicy();
    /// Everything by `path`. Throws std::runtime_error if this CPU lacks its instructions.
    [[nodiscard]] static AeadPolicy always(AeadPath path);
    /// The kernel of `path`, or the fastest if there is no `path`, for the bursts at which it was just
    /// measured to be as fast as IPsec-MB or faster. Takes some 100 ms of CPU time; what else runs meanwhile
    /// may sway it, which costs speed only. Throws as always().
    [[nodiscard]] static AeadPolicy measured(std::optional<AeadPath> path, Clock clock);

    /// The kernel that takes some bursts; null: IPsec-MB takes all.
    [[nodiscard]] const simd::Kernel* kernel() const { return kernel_; }
    [[nodiscard]] AeadPath path() const;
    /// Whether the kernel takes this burst.
    [[nodiscard]] bool takes(std::span<const AeadOperation> operations) const;
    /// From how many packets of `length` bytes on the kernel takes all bursts; 0: it does not.
    [[nodiscard]] unsigned takes_from(std::uint32_t length, AeadOperation::Direction direction) const;

  private:
    /// Packets of a burst beyond which more make no difference.
    static constexpr unsigned kMostPackets = 17;
    /// Bit n: bursts of n packets are taken.
    using Row = std::uint32_t;
    static constexpr Row kAll = (2U << kMostPackets) - 1;
    /// Lengths in bytes that are measured; one in between is taken if both neighbours are.
    static constexpr std::array<std::uint32_t, 13> kLengths = {0,   64,   128,  192,  256,  384, 512,
                                                               768, 1024, 1424, 2048, 4096, 9216};
    using Rows = std::array<Row, kLengths.size()>;

    void fill(Row row);
    void measure(Clock clock);
    [[nodiscard]] Row row(std::uint32_t length, AeadOperation::Direction direction) const;

    const simd::Kernel* kernel_ = nullptr;
    std::array<Rows, 2> taken_{};  ///< by direction
};

}  // namespace ringway::crypto
