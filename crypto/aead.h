#pragma once

// ChaCha20-Poly1305 (RFC 8439) of single messages with additional data, as the handshake needs it,
// by libsodium. Transport packets go through AeadBurst. Nothing here allocates.

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <span>

#include "crypto/endian.h"
#include "crypto/keys.h"
#include "crypto/messages.h"

namespace ringway::crypto {

/// A nonce as RFC 8439 has it. WireGuard's is four zero bytes and the counter, little-endian; any
/// counter is therefore a nonce.
struct AeadNonce {
    std::array<std::uint8_t, 12> bytes{};

    explicit constexpr AeadNonce(const std::array<std::uint8_t, 12>& from) : bytes(from) {}
    constexpr AeadNonce(std::uint64_t counter) {
        const auto little_endian = std::bit_cast<std::array<std::uint8_t, 8>>(Le64(counter));
        std::ranges::copy(little_endian, bytes.begin() + 4);
    }
};

/// Seals `plaintext` into `out`, the tag behind it. REQUIRES: `out` is kTagBytes longer than
/// `plaintext`. They may begin at the same place.
void aead_seal(std::span<std::uint8_t> out, const SymmetricKey& key, const AeadNonce& nonce,
               std::span<const std::uint8_t> plaintext, std::span<const std::uint8_t> additional_data);

/// Opens `sealed` (with its tag) into `out`. False if it is not authentic or the lengths do not
/// match (`out` is kTagBytes shorter); `out` then holds zeros. They may begin at the same place.
[[nodiscard]] bool aead_open(std::span<std::uint8_t> out, const SymmetricKey& key, const AeadNonce& nonce,
                             std::span<const std::uint8_t> sealed,
                             std::span<const std::uint8_t> additional_data);

}  // namespace ringway::crypto
