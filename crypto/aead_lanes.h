#pragma once

// Multi-buffer ChaCha20-Poly1305: plans a burst into passes of a kernel's lanes and runs them. Packets of
// about one length get a lane each, which is laid out once; of the others each block gets a lane.

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
    using Part = std::span<AeadOperation* const>;

    void sort(std::span<AeadOperation> operations);
    [[nodiscard]] Part even_stretch(Part order) const;
    std::size_t run_even(Part order);
    void lay_out(Part stretch, simd::PacketLanes& packets);
    void run_packets(Part stretch, simd::PacketLanes& packets);
    void decipher(Part stretch, simd::PacketLanes& packets);
    void run_parts(Part order);
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
    std::array<simd::PacketLanes, 2> packets_;  ///< one stretch runs, the next is laid out
    std::array<const std::uint8_t*, simd::kMaxPolyLanes> poly_data_;
    std::array<std::uint64_t, simd::kMaxPolyLanes> poly_lengths_;
    std::array<std::uint64_t, simd::kMaxPolyLanes> no_additional_data_{};
    simd::KernelScratch scratch_;
    std::array<simd::PolyTag, kPartPackets + simd::kMaxPolyLanes> tags_;
    std::array<simd::PolyKeySlot, kPartPackets> poly_keys_{};
    alignas(64) std::array<std::uint8_t, simd::kChaChaBlockBytes> zeros_{};
    std::array<AeadOperation*, kMaxAeadOperations> order_;  ///< as sort() says
    std::array<AeadOperation*, kMaxAeadOperations> rest_;   ///< that are in no even stretch
};

}  // namespace ringway::crypto
