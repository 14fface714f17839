#include "crypto/self_test.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "crypto/blake2s.h"
#include "crypto/simd/kernel.h"

namespace ringway::crypto {
namespace {

using Direction = AeadOperation::Direction;

/// Of all kinds, and twice as many alike ones as a kernel has lanes: equal, and ragged.
constexpr auto kLengths = [] {
    constexpr std::size_t kMixed = 28;
    constexpr std::size_t kAlike = simd::kMaxChaChaLanes;
    std::array<std::uint32_t, kMixed + 2 * kAlike> lengths = {
        0,   1,   15,  16,  17,  31,   32,   63,   64,   65,   80,   127, 128, 129,
        192, 255, 256, 320, 592, 1024, 1039, 1424, 2048, 4096, 9001, 64,  64,  48};
    for (std::uint32_t i = 0; i < kAlike; ++i) {
        lengths[kMixed + i] = 256;
        lengths[kMixed + kAlike + i] = 130 + i;
    }
    return lengths;
}();

/// BLAKE2s of the packets below, sealed one behind the other by another implementation (Python's
/// cryptography, which is OpenSSL).
constexpr std::array<std::uint8_t, kBlake2sBytes> kDigest = {
    0x41, 0x1e, 0x42, 0x28, 0xd9, 0xd1, 0x1a, 0xb7, 0x1e, 0x2b, 0x30, 0x4a, 0x92, 0xaf, 0x2d, 0x5a,
    0xce, 0x2e, 0x22, 0x2e, 0x75, 0xf4, 0xfc, 0x7b, 0x2d, 0x59, 0xf2, 0x95, 0x9f, 0x16, 0xc2, 0x0e};

/// Packets that a formula makes.
class KnownPackets {
  public:
    KnownPackets() {
        std::size_t bytes = 0;
        for (const std::uint32_t length : kLengths)
            bytes += length + kTagBytes;
        memory_.resize(bytes);
        std::uint8_t* data = memory_.data();
        for (std::size_t i = 0; i < kLengths.size(); ++i) {
            for (std::size_t j = 0; j < kKeyBytes; ++j)
                keys_[i].data()[j] = static_cast<std::uint8_t>(i * 7 + j * 13 + 1);
            operations_[i] = {&keys_[i], i * 0x0123456789abcdef, data, kLengths[i], Direction::seal, false};
            for (std::size_t j = 0; j < kLengths[i]; ++j)
                data[j] = plain(i, j);
            data += kLengths[i] + kTagBytes;
        }
    }

    std::span<AeadOperation> all(Direction direction) {
        for (AeadOperation& operation : operations_) {
            operation.direction = direction;
            operation.ok = false;
        }
        return operations_;
    }

    [[nodiscard]] bool are_sealed() const {
        std::array<std::uint8_t, kBlake2sBytes> digest;
        blake2s(digest, memory_);
        return digest == kDigest && std::ranges::all_of(operations_, &AeadOperation::ok);
    }

    [[nodiscard]] bool are_open() const {
        for (std::size_t i = 0; i < operations_.size(); ++i) {
            for (std::size_t j = 0; j < kLengths[i]; ++j) {
                if (operations_[i].data[j] != plain(i, j)) return false;
            }
        }
        return std::ranges::all_of(operations_, &AeadOperation::ok);
    }

    /// Breaks the last byte of every packet's tag.
    void forge() {
        for (const AeadOperation& operation : operations_)
            operation.data[operation.length + kTagBytes - 1] ^= 0x80;
    }

    [[nodiscard]] bool are_refused() const {
        return std::ranges::all_of(operations_, [](const AeadOperation& operation) {
            return !operation.ok && std::all_of(operation.data, operation.data + operation.length,
                                                [](std::uint8_t byte) { return byte == 0; });
        });
    }

  private:
    static std::uint8_t plain(std::size_t packet, std::size_t at) {
        return static_cast<std::uint8_t>(packet * 31 + at * 3 + (at >> 8));
    }

    std::vector<std::uint8_t> memory_;
    std::array<SymmetricKey, kLengths.size()> keys_;
    std::array<AeadOperation, kLengths.size()> operations_;
};

}  // namespace

bool passes_known_answers(AeadBurst& aead) {
    KnownPackets packets;
    aead.run(packets.all(Direction::seal));
    if (!packets.are_sealed()) return false;
    aead.run(packets.all(Direction::open));
    if (!packets.are_open()) return false;

    for (AeadOperation& operation : packets.all(Direction::seal))
        aead.run({&operation, 1});
    if (!packets.are_sealed()) return false;
    packets.forge();
    aead.run(packets.all(Direction::open));
    return packets.are_refused();
}

std::vector<SelfTestResult> self_test() {
    std::vector<SelfTestResult> results;
    for (const AeadPath path : usable_aead_paths()) {
        AeadBurst aead(AeadPolicy::always(path));
        std::string name = "aead " + std::string(to_string(path));
        if (path == AeadPath::ipsec_mb) name += " (" + std::string(aead.architecture()) + ")";
        results.push_back({std::move(name), passes_known_answers(aead)});
    }
    return results;
}

}  // namespace ringway::crypto
