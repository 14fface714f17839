#pragma once

// The key schedule of the WireGuard paper (section 5.4): HKDF (RFC 5869) with HMAC-BLAKE2s, the
// chaining key as salt. Outputs come first and may be the same object as an input; everything in
// between is wiped.

#include <cstdint>
#include <initializer_list>
#include <span>

#include "crypto/keys.h"

namespace ringway::crypto {

/// Kdf_n: fills as many outputs as there are, at most three.
void kdf(std::initializer_list<std::span<std::uint8_t, kKeyBytes>> outputs, const KeyMaterial& chaining_key,
         std::span<const std::uint8_t> input);

/// t1 := Kdf1(chaining_key, input)
template <typename Tag1>
void kdf1(Secret<Tag1>& t1, const KeyMaterial& chaining_key, std::span<const std::uint8_t> input) {
    kdf({t1.span()}, chaining_key, input);
}

/// (t1, t2) := Kdf2(chaining_key, input)
template <typename Tag1, typename Tag2>
void kdf2(Secret<Tag1>& t1, Secret<Tag2>& t2, const KeyMaterial& chaining_key,
          std::span<const std::uint8_t> input) {
    kdf({t1.span(), t2.span()}, chaining_key, input);
}

/// (t1, t2, t3) := Kdf3(chaining_key, input)
template <typename Tag1, typename Tag2, typename Tag3>
void kdf3(Secret<Tag1>& t1, Secret<Tag2>& t2, Secret<Tag3>& t3, const KeyMaterial& chaining_key,
          std::span<const std::uint8_t> input) {
    kdf({t1.span(), t2.span(), t3.span()}, chaining_key, input);
}

}  // namespace ringway::crypto
