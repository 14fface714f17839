#pragma once

// X25519 (RFC 7748), by libsodium, in constant time.

#include "crypto/keys.h"
#include "crypto/random.h"

namespace ringway::crypto {

/// out := DH(private_key, public_key). False, with `out` zero, if the result is zero: the public key
/// has a low order, and nothing secret could come of it. `private_key` need not be clamped.
[[nodiscard]] bool x25519(KeyMaterial& out, const PrivateKey& private_key, const PublicKey& public_key);

/// The public key that belongs to `private_key`.
[[nodiscard]] PublicKey x25519_base(const PrivateKey& private_key);

/// Fixes the five bits that RFC 7748, section 5, fixes in every private key.
void clamp(PrivateKey& private_key);

/// A new private key, clamped.
[[nodiscard]] PrivateKey generate_private_key(Random& random);

}  // namespace ringway::crypto
