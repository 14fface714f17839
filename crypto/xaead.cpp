#include "crypto/xaead.h"

#include <algorithm>
#include <cassert>

#include "crypto/sodium_start.h"

namespace ringway::crypto {

static_assert(crypto_aead_xchacha20poly1305_ietf_ABYTES == kTagBytes);
static_assert(crypto_aead_xchacha20poly1305_ietf_KEYBYTES == kKeyBytes);
static_assert(crypto_aead_xchacha20poly1305_ietf_NPUBBYTES == kCookieNonceBytes);

void xaead_seal(std::span<std::uint8_t> out, std::span<const std::uint8_t, kKeyBytes> key,
                std::span<const std::uint8_t, kCookieNonceBytes> nonce,
                std::span<const std::uint8_t> plaintext, std::span<const std::uint8_t> additional_data) {
    assert(out.size() == plaintext.size() + kTagBytes);
    crypto_aead_xchacha20poly1305_ietf_encrypt(out.data(), nullptr, plaintext.data(), plaintext.size(),
                                               additional_data.data(), additional_data.size(), nullptr,
                                               nonce.data(), key.data());
}

bool xaead_open(std::span<std::uint8_t> out, std::span<const std::uint8_t, kKeyBytes> key,
                std::span<const std::uint8_t, kCookieNonceBytes> nonce, std::span<const std::uint8_t> sealed,
                std::span<const std::uint8_t> additional_data) {
    const bool opened = sealed.size() == out.size() + kTagBytes &&
                        crypto_aead_xchacha20poly1305_ietf_decrypt(
                            out.data(), nullptr, nullptr, sealed.data(), sealed.size(),
                            additional_data.data(), additional_data.size(), nonce.data(), key.data()) == 0;
    if (!opened) std::ranges::fill(out, std::uint8_t{0});
    return opened;
}

}  // namespace ringway::crypto
