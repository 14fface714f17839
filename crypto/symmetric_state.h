#pragma once

// What both sides of a Noise handshake carry from step to step (the Noise specification's
// SymmetricState), with WireGuard's functions: the WireGuard paper, section 5.4. No allocation.

#include <array>
#include <cstdint>
#include <span>

#include "crypto/keys.h"

namespace ringway::crypto {

/// The running hash of all that was said. Hardly a secret, but wiped along with the rest.
using HandshakeHash = Secret<struct HandshakeHashTag>;

/// HASH(CONSTRUCTION), and HASH(HASH(CONSTRUCTION) || IDENTIFIER): where every handshake begins.
/// CONSTRUCTION is "Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s", IDENTIFIER "WireGuard v1 zx2c4
/// Jason@zx2c4.com".
inline constexpr std::array<std::uint8_t, kKeyBytes> kInitialChainingKey = {
    0x60, 0xe2, 0x6d, 0xae, 0xf3, 0x27, 0xef, 0xc0, 0x2e, 0xc3, 0x35, 0xe2, 0xa0, 0x25, 0xd2, 0xd0,
    0x16, 0xeb, 0x42, 0x06, 0xf8, 0x72, 0x77, 0xf5, 0x2d, 0x38, 0xd1, 0x98, 0x8b, 0x78, 0xcd, 0x36};
inline constexpr std::array<std::uint8_t, kKeyBytes> kInitialHash = {
    0x22, 0x11, 0xb3, 0x61, 0x08, 0x1a, 0xc5, 0x66, 0x69, 0x12, 0x43, 0xdb, 0x45, 0x8a, 0xd5, 0x32,
    0x2d, 0x9c, 0x6c, 0x66, 0x22, 0x93, 0xe8, 0xb7, 0x0e, 0xe1, 0x9c, 0x65, 0xba, 0x07, 0x9e, 0xf3};

/// The chaining key and the hash. Lives in locked memory inside a Handshake; copies only by name.
class SymmetricState {
  public:
    /// As it stands before the first message, to the responder that owns `responder`.
    void start(const PublicKey& responder);
    [[nodiscard]] SymmetricState copy() const;
    void wipe() noexcept;

    /// An ephemeral public key as it passes in the clear: into the hash and, because there is a
    /// preshared key in the pattern, into the chaining key.
    void mix_ephemeral(const PublicKey& ephemeral);
    /// A Diffie-Hellman's result into the chaining key. False, and nothing mixed, if it is zero: the
    /// public key has a low order.
    [[nodiscard]] bool mix_dh(const KeyMaterial& shared);
    /// The same, when a message is sealed next: `key` is that message's key.
    [[nodiscard]] bool mix_dh(SymmetricKey& key, const KeyMaterial& shared);
    /// A Diffie-Hellman done before, and found good.
    void mix_shared(SymmetricKey& key, const KeyMaterial& shared);
    void mix_preshared_key(SymmetricKey& key, const PresharedKey& preshared_key);

    /// Seals `plaintext` into `out` (kTagBytes longer) with the hash as additional data, and hashes
    /// what was sealed. Each key seals one message, so its counter is zero.
    void seal(std::span<std::uint8_t> out, const SymmetricKey& key, std::span<const std::uint8_t> plaintext);
    /// The reverse. False if it is not authentic: `out` is zeroed, the hash is as it was.
    [[nodiscard]] bool open(std::span<std::uint8_t> out, const SymmetricKey& key,
                            std::span<const std::uint8_t> sealed);

    /// The two transport keys, the initiator's sending key first.
    void split(SymmetricKey& from_initiator, SymmetricKey& from_responder) const;

  private:
    void mix_hash(std::span<const std::uint8_t> input);

    KeyMaterial chaining_key_;
    HandshakeHash hash_;
};

}  // namespace ringway::crypto
