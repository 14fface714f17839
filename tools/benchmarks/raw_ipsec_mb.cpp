#include "tools/benchmarks/raw_ipsec_mb.h"

#include <rte_cycles.h>

#include <algorithm>

namespace ringway::bench {

RawIpsecMb::RawIpsecMb()
    : aead_(crypto::AeadPolicy::always(crypto::AeadPath::ipsec_mb)),
      keys_(kBurst),
      memory_(kBurst * kSlotBytes) {
    for (std::size_t i = 0; i < keys_.size(); ++i)
        std::ranges::fill(keys_[i].span(), static_cast<std::uint8_t>(i + 1));
}

std::uint64_t RawIpsecMb::encrypt(std::size_t packets, const std::vector<std::uint16_t>& sizes) {
    // A gateway pads to 16 bytes: what it encrypts is as long.
    constexpr std::uint32_t kPadding = 16;
    std::uint64_t cycles = 0;
    std::size_t size = 0;
    for (std::size_t done = 0; done < packets; done += kBurst) {
        operations_.clear();
        for (std::size_t i = 0; i < kBurst; ++i) {
            const std::uint32_t bytes = (sizes[size++ % sizes.size()] + kPadding - 1) / kPadding * kPadding;
            operations_.push_back({&keys_[i], counter_++, &memory_[i * kSlotBytes + 128],
                                   std::min<std::uint32_t>(bytes, 1420),
                                   crypto::AeadOperation::Direction::seal, false});
        }
        const std::uint64_t begin = rte_rdtsc();
        aead_.run(operations_);
        cycles += rte_rdtsc() - begin;
    }
    return cycles;
}

}  // namespace ringway::bench
