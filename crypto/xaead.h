#pragma once

// XChaCha20-Poly1305 with additional data, by libsodium: cookies are sealed with it, because their
// nonces are random. Nothing here allocates.

#include <cstdint>
#include <span>

#include "crypto/keys.h"
#include "crypto/messages.h"

namespace ringway::crypto {

/// Seals `plaintext` into `out`, the tag behind it. REQUIRES: `out` is kTagBytes longer than
/// `plaintext`. They may begin at the same place.
void xaead_seal(std::span<std::uint8_t> out, std::span<const std::uint8_t, kKeyBytes> key,
                std::span<const std::uint8_t, kCookieNonceBytes> nonce,
                std::span<const std::uint8_t> plaintext, std::span<const std::uint8_t> additional_data);

/// Opens `sealed` (with its tag) into `out`. False if it is not authentic or the lengths do not
/// match (`out` is kTagBytes shorter); `out` then holds zeros. They may begin at the same place.
[[nodiscard]] bool xaead_open(std::span<std::uint8_t> out, std::span<const std::uint8_t, kKeyBytes> key,
                              std::span<const std::uint8_t, kCookieNonceBytes> nonce,
                              std::span<const std::uint8_t> sealed,
                              std::span<const std::uint8_t> additional_data);

}  // namespace ringway::crypto
