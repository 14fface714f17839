// Forged packets cost their tags and no more: what the multi-buffer AEAD runs for a burst, counted.

#include <doctest/doctest.h>

#include <memory>
#include <utility>
#include <vector>

#include "crypto/aead_lanes.h"
#include "crypto/simd/kernels.h"
#include "tests/crypto/hex.h"

using namespace ringway::crypto;
using ringway::tests::Buffer;
using Direction = AeadOperation::Direction;

namespace {

/// A kernel that counts the vectors of lanes it is given to encipher, its Poly1305 keys not among them.
class CountingKernel {
  public:
    explicit CountingKernel(const simd::Kernel& kernel) {
        counted = &kernel;
        vectors = 0;
        counting_ = kernel;
        counting_.chacha20_narrow = [](const simd::ChaChaGroup& group, simd::KernelScratch& scratch) {
            ++vectors;
            counted->chacha20_narrow(group, scratch);
        };
        counting_.chacha20_wide = [](const simd::ChaChaGroup& one, const simd::ChaChaGroup& other,
                                     simd::KernelScratch& scratch) {
            vectors += 2;
            counted->chacha20_wide(one, other, scratch);
        };
        counting_.packets_data = [](const simd::PacketLanes& packets, simd::KernelScratch& scratch) {
            vectors += (packets.longest + simd::kChaChaBlockBytes - 1) / simd::kChaChaBlockBytes;
            counted->packets_data(packets, scratch);
        };
    }
    [[nodiscard]] const simd::Kernel& kernel() const { return counting_; }
    /// Since it was asked last.
    [[nodiscard]] std::size_t count() { return std::exchange(vectors, 0); }

  private:
    static inline const simd::Kernel* counted = nullptr;  ///< a kernel's functions have no state of their own
    static inline std::size_t vectors = 0;
    simd::Kernel counting_;
};

/// Two full stretches of equal packets, sealed.
struct SealedBurst {
    static constexpr std::uint32_t kBytes = 1024;

    SymmetricKey key;
    std::vector<Buffer> packets;
    std::vector<AeadOperation> operations;

    SealedBurst(LaneAead& aead, std::size_t count) : packets(count, Buffer(kBytes + kTagBytes, 0x77)) {
        for (Buffer& packet : packets)
            operations.push_back({&key, operations.size(), packet.data(), kBytes, Direction::seal, false});
        aead.run(operations);
        for (AeadOperation& operation : operations)
            operation.direction = Direction::open;
    }
    void forge(std::size_t i) { packets[i].back() ^= 1; }
};

}  // namespace

TEST_CASE("packets whose tags are wrong are not deciphered, nor are others' lanes run for them") {
    for (const simd::Kernel* kernel : simd::usable_kernels()) {
        CAPTURE(kernel->name);
        CountingKernel counting(*kernel);
        const auto aead = std::make_unique<LaneAead>(counting.kernel());
        const std::size_t count = 2 * kernel->chacha_lanes;
        constexpr std::size_t kBlocks = SealedBurst::kBytes / simd::kChaChaBlockBytes;

        SealedBurst good(*aead, count);
        CHECK(counting.count() == 2 * kBlocks);
        aead->run(good.operations);
        CHECK(counting.count() == 2 * kBlocks);

        SealedBurst forged(*aead, count);
        for (std::size_t i = 0; i < count; ++i)
            forged.forge(i);
        (void)counting.count();
        aead->run(forged.operations);
        CHECK(counting.count() == 0);

        SealedBurst mostly_forged(*aead, count);
        for (std::size_t i = 0; i < count; ++i) {
            if (i % 4 != 0) mostly_forged.forge(i);
        }
        (void)counting.count();
        aead->run(mostly_forged.operations);
        CHECK(counting.count() == kBlocks / 2);
        for (std::size_t i = 0; i < count; ++i)
            CHECK(mostly_forged.operations[i].ok == (i % 4 == 0));
    }
}
