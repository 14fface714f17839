#pragma once

// Keys and tokens as text. The result of decoding a secret is the caller's to wipe.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/key.h"

namespace ringway::config {

enum class Base64 : std::uint8_t {
    standard,  ///< + and /, padded: as wg(8) prints keys
    url,       ///< - and _, not padded: as REST paths name peers (RFC 4648, section 5)
};

[[nodiscard]] std::string base64_encode(std::span<const std::uint8_t> bytes,
                                        Base64 variant = Base64::standard);

/// Nothing unless `text` is exactly what base64_encode would print for some bytes: no spaces, no
/// missing or excess padding, no stray bits in the last character.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> base64_decode(std::string_view text,
                                                                     Base64 variant = Base64::standard);

/// The 32 bytes of a key, under the same rule. Time depends on the length only.
[[nodiscard]] std::optional<PublicKey> decode_public_key(std::string_view text,
                                                         Base64 variant = Base64::standard);
[[nodiscard]] std::optional<SecretKey> decode_secret_key(std::string_view text);

}  // namespace ringway::config
