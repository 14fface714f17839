#pragma once

// One message through a kernel of the multi-buffer AEAD, with any nonce and additional data: public
// vectors have them, WireGuard's packets do not.

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <span>
#include <vector>

#include "crypto/aead.h"
#include "crypto/simd/kernel.h"
#include "tests/crypto/hex.h"

namespace ringway::tests {

class KernelAead {
  public:
    /// What a lane is: a block of any packet, or all of one.
    enum class Lane : std::uint8_t { block, packet };

    explicit KernelAead(const crypto::simd::Kernel& kernel, Lane lane = Lane::block)
        : kernel_(kernel), lane_(lane) {}

    /// Ciphertext and tag.
    [[nodiscard]] Buffer seal(const crypto::SymmetricKey& key, const crypto::AeadNonce& nonce,
                              std::span<const std::uint8_t> plaintext,
                              std::span<const std::uint8_t> additional_data) const {
        Buffer sealed(plaintext.begin(), plaintext.end());
        Buffer poly_key(crypto::simd::kChaChaBlockBytes);
        if (lane_ == Lane::packet) {
            encipher_packets(sealed, poly_key, key, nonce);
        } else {
            apply_key_stream(sealed, key, nonce, 1);
            apply_key_stream(poly_key, key, nonce, 0);
        }
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

    /// Every lane has a packet of its own. All do the same and must agree, or nothing is enciphered.
    void encipher_packets(Buffer& data, Buffer& poly_key, const crypto::SymmetricKey& key,
                          const crypto::AeadNonce& nonce) const {
        const std::size_t lanes = kernel_.chacha_lanes;
        std::vector<Buffer> copies(lanes, data);
        std::vector<crypto::simd::PolyKeySlot> keys(lanes);
        const auto scratch = std::make_unique<Scratch>();
        crypto::simd::PacketLanes packets{};
        std::memcpy(&packets.nonce_begin, nonce.bytes.data(), 4);
        for (std::size_t lane = 0; lane < lanes; ++lane) {
            std::memcpy(&packets.counter_low[lane], &nonce.bytes[4], 4);
            std::memcpy(&packets.counter_high[lane], &nonce.bytes[8], 4);
            packets.key[lane] = key.data();
            packets.length[lane] = data.size();
            packets.source[lane] = packets.destination[lane] = copies[lane].data();
        }
        packets.shortest = packets.longest = static_cast<std::uint32_t>(data.size());
        packets.ahead = &packets;
        kernel_.packets_begin(packets, keys.data(), scratch->front());
        kernel_.packets_data(packets, scratch->front());
        for (std::size_t lane = 0; lane < lanes; ++lane) {
            if (copies[lane] != copies[0] || std::memcmp(&keys[lane], keys.data(), sizeof(keys[0]) / 2) != 0)
                return;
        }
        data = copies[0];
        poly_key.assign(keys[0].bytes, keys[0].bytes + sizeof(keys[0].bytes));
    }

    /// All lanes do the same and must agree.
    [[nodiscard]] crypto::simd::PolyTag compute_tag(const Buffer& key, const Buffer& sealed,
                                                    std::span<const std::uint8_t> additional_data) const {
        constexpr std::size_t kMost = crypto::simd::kMaxPolyLanes;
        Buffer stream(additional_data.begin(), additional_data.end());
        stream.resize((stream.size() + 15) / 16 * 16);
        stream.insert(stream.end(), sealed.begin(), sealed.end());
        std::array<const std::uint8_t*, kMost> data;
        std::array<std::uint64_t, kMost> lengths;
        std::array<std::uint64_t, kMost> additional;
        std::array<std::uint64_t, kMost> encrypted;
        std::array<crypto::simd::PolyKeySlot, kMost> keys;
        data.fill(stream.data());
        lengths.fill(stream.size());
        additional.fill(additional_data.size());
        encrypted.fill(sealed.size());
        for (auto& slot : keys)
            std::copy(key.begin(), key.end(), slot.bytes);
        const std::size_t count = kernel_.poly_lanes;
        std::array<crypto::simd::PolyTag, kMost> tags{};
        kernel_.poly1305(
            {data.data(), lengths.data(), additional.data(), encrypted.data(), keys.data(), count},
            tags.data());
        const bool agree = std::all_of(tags.begin(), tags.begin() + static_cast<std::ptrdiff_t>(count),
                                       [&](const crypto::simd::PolyTag& tag) {
                                           return std::memcmp(&tag, tags.data(), sizeof(tag)) == 0;
                                       });
        return agree ? tags[0] : crypto::simd::PolyTag{};
    }

    const crypto::simd::Kernel& kernel_;
    Lane lane_;
};

}  // namespace ringway::tests
