#pragma once

// One message through a kernel of the multi-buffer AEAD, with any nonce and additional data: public
// vectors have them, WireGuard's packets do not.

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <span>

#include "crypto/aead.h"
#include "crypto/simd/kernel.h"
#include "tests/crypto/hex.h"

namespace ringway::tests {

class KernelAead {
  public:
    explicit KernelAead(const crypto::simd::Kernel& kernel) : kernel_(kernel) {}

    /// Ciphertext and tag.
    [[nodiscard]] Buffer seal(const crypto::SymmetricKey& key, const crypto::AeadNonce& nonce,
                              std::span<const std::uint8_t> plaintext,
                              std::span<const std::uint8_t> additional_data) const {
        Buffer sealed(plaintext.begin(), plaintext.end());
        apply_key_stream(sealed, key, nonce, 1);
        Buffer poly_key(crypto::simd::kChaChaBlockBytes);
        apply_key_stream(poly_key, key, nonce, 0);
        const crypto::simd::PolyTag tag = compute_tag(poly_key, sealed, additional_data);
        const auto* const bytes = reinterpret_cast<const std::uint8_t*>(&tag);
        sealed.insert(sealed.end(), bytes, bytes + crypto::kTagBytes);
        return sealed;
    }

    [[nodiscard]] Buffer key_stream(const crypto::SymmetricKey& key, const crypto::AeadNonce& nonce,
                                    std::uint32_t block, std::size_t bytes) const {
        Buffer stream(bytes);
        apply_key_stream(stream, key, nonce, block);
        return stream;
    }

  private:
    using Scratch = std::array<crypto::simd::KernelScratch, 1>;

    /// A lane for each block, a pass for as many as there are lanes.
    void apply_key_stream(Buffer& data, const crypto::SymmetricKey& key, const crypto::AeadNonce& nonce,
                          std::uint32_t block) const {
        constexpr std::size_t kBlock = crypto::simd::kChaChaBlockBytes;
        const auto scratch = std::make_unique<Scratch>();
        for (std::size_t at = 0; at < data.size();) {
            crypto::simd::ChaChaGroup group{};
            std::memcpy(&group.nonce_begin, nonce.bytes.data(), 4);
            for (std::size_t lane = 0; lane < kernel_.chacha_lanes; ++lane) {
                const std::size_t left = std::min(kBlock, data.size() - at);
                std::memcpy(&group.counter_low[lane], &nonce.bytes[4], 4);
                std::memcpy(&group.counter_high[lane], &nonce.bytes[8], 4);
                group.block[lane] = block++;
                group.key[lane] = key.data();
                group.source[lane] = group.destination[lane] = data.data() + at;
                group.bytes[lane] = static_cast<std::uint32_t>(left);
                if (left == kBlock) group.whole = static_cast<std::uint32_t>(lane + 1);
                at += left;
            }
            group.ahead = &group;
            kernel_.chacha20_narrow(group, scratch->front());
        }
    }

    /// All lanes do the same and must agree.
    [[nodiscard]] crypto::simd::PolyTag compute_tag(const Buffer& key, const Buffer& sealed,
                                                    std::span<const std::uint8_t> additional_data) const {
        Buffer stream(additional_data.begin(), additional_data.end());
        stream.resize((stream.size() + 15) / 16 * 16);
        stream.insert(stream.end(), sealed.begin(), sealed.end());
        crypto::simd::PolyLanes lanes{};
        lanes.count = kernel_.poly_lanes;
        for (std::size_t lane = 0; lane < lanes.count; ++lane) {
            lanes.data[lane] = stream.data();
            lanes.length[lane] = stream.size();
            lanes.additional[lane] = additional_data.size();
            lanes.encrypted[lane] = sealed.size();
            lanes.key[lane] = key.data();
        }
        std::array<crypto::simd::PolyTag, crypto::simd::kMaxPolyLanes> tags{};
        kernel_.poly1305(lanes, tags.data());
        const bool agree = std::all_of(tags.begin(), tags.begin() + static_cast<std::ptrdiff_t>(lanes.count),
                                       [&](const crypto::simd::PolyTag& tag) {
                                           return std::memcmp(&tag, tags.data(), sizeof(tag)) == 0;
                                       });
        return agree ? tags[0] : crypto::simd::PolyTag{};
    }

    const crypto::simd::Kernel& kernel_;
};

}  // namespace ringway::tests
