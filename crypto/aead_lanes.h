#pragma once

// Multi-buffer ChaCha20-Poly1305: plans a burst into passes of a kernel's lanes, which come from
// different packets, and runs them.

#include <array>
#include <cstdint>
#include <span>

#include "crypto/aead_operation.h"
#include "crypto/messages.h"
#include "crypto/simd/kernel.h"

namespace ringway::crypto {

/// The AEAD of one kernel, with all memory it works in, much of it secret while run() runs: make it in
/// a SecretArena. One thread at a time.
class LaneAead {
  public:
    /// REQUIRES: the CPU has what `kernel` needs.
    explicit LaneAead(const simd::Kernel& kernel);
    LaneAead(const LaneAead&) = delete;
    LaneAead& operator=(const LaneAead&) = delete;

    /// As AeadBurst::run(). Never allocates; secrets of the burst are gone when it returns.
    void run(std::span<AeadOperation> operations) noexcept;

  private:
    /// Packets whose passes are interleaved: few, so that the ciphertext is in the cache when its tag is
    /// computed.
    static constexpr std::size_t kPartPackets = 32;
    static constexpr std::size_t kPartBytes = 48 * 1024;

    /// Groups of lanes, filled one after another and run two at a time. The last two that were filled
    /// wait: a vector load of lanes just stored in pieces would have to wait for the stores.
    struct Groups {
        static constexpr std::size_t kQueue = 4;
        std::array<simd::ChaChaGroup, kQueue + 2> all;
        std::array<simd::ChaChaGroup*, kQueue + 2> free;
        std::size_t free_count = 0;
        std::array<simd::ChaChaGroup*, kQueue> queue;
        std::size_t queued = 0;
        simd::ChaChaGroup* open = nullptr;  ///< the one that is filled lane by lane
        std::uint32_t lanes = 0;            ///< of it that are filled
        bool has_ends = false;              ///< it has lanes that are not whole
    };
    struct alignas(64) PolyKeySlot {
        std::uint8_t bytes[simd::kChaChaBlockBytes];
    };
    using Part = std::span<AeadOperation* const>;

    void sort(std::span<AeadOperation> operations);
    void run_part(Part part);
    void add_keys(Part part);
    template <typename Takes>
    void add_data(Part part, Takes takes);
    void compute_tags(Part part);
    void settle(Part part);
    void add_whole_blocks(const AeadOperation& operation);
    void add_end(const AeadOperation& operation);
    void add_lane(const AeadOperation& operation, std::uint32_t block, const std::uint8_t* source,
                  std::uint8_t* destination);
    void add_group(const AeadOperation& operation, std::uint32_t done);
    void close_group();
    void push(simd::ChaChaGroup* group);
    void run_two();
    void flush();
    void wipe(std::size_t packets);

    const simd::Kernel* kernel_;
    std::uint32_t width_;  ///< lanes of a group
    Groups groups_;
    simd::PolyLanes poly_;
    simd::KernelScratch scratch_;
    std::array<simd::PolyTag, kPartPackets + simd::kMaxPolyLanes> tags_;
    std::array<PolyKeySlot, kPartPackets> poly_keys_;
    alignas(64) std::array<std::uint8_t, simd::kChaChaBlockBytes> zeros_{};
    std::array<AeadOperation*, kMaxAeadOperations> order_;
};

}  // namespace ringway::crypto
