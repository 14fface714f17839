#include "crypto/x25519.h"

#include "crypto/sodium_start.h"

namespace ringway::crypto {

bool x25519(KeyMaterial& out, const PrivateKey& private_key, const PublicKey& public_key) {
    const int status = crypto_scalarmult_curve25519(out.data(), private_key.data(), public_key.bytes.data());
    if (status != 0 || out.is_zero()) {
        out.wipe();
        return false;
    }
    return true;
}

PublicKey x25519_base(const PrivateKey& private_key) {
    PublicKey public_key;
    crypto_scalarmult_curve25519_base(public_key.bytes.data(), private_key.data());
    return public_key;
}

void clamp(PrivateKey& private_key) {
    auto bytes = private_key.span();
    bytes[0] &= 248;
    bytes[31] &= 127;
    bytes[31] |= 64;
}

PrivateKey generate_private_key(Random& random) {
    PrivateKey private_key;
    random.fill(private_key.span());
    clamp(private_key);
    return private_key;
}

}  // namespace ringway::crypto
