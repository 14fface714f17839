#pragma once

#include <cstdint>
#include <vector>

#include "crypto/aead_burst.h"

namespace ringway::bench {

/// What the path is measured against: IPsec-MB's burst encryption alone, bursts of 32, a key for each packet,
/// packets in the cache.
class RawIpsecMb {
  public:
    RawIpsecMb();
    /// TSC cycles for so many packets of each of `sizes` (inner bytes) in turn.
    [[nodiscard]] std::uint64_t encrypt(std::size_t packets, const std::vector<std::uint16_t>& sizes);

  private:
    static constexpr std::size_t kBurst = 32;
    static constexpr std::size_t kSlotBytes = 2048;

    crypto::AeadBurst aead_;
    std::vector<crypto::SymmetricKey> keys_;
    std::vector<std::uint8_t> memory_;
    std::vector<crypto::AeadOperation> operations_;
    std::uint64_t counter_ = 0;
};

}  // namespace ringway::bench
