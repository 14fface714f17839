#pragma once

// X25519 (RFC 7748) of many pairs of keys at once, in constant time: eight to a vector where the CPU has
// AVX-512 IFMA, by libsodium one after the other elsewhere. The results are the same.

#include <cstdint>
#include <span>

#include "crypto/keys.h"

namespace ringway::crypto {

enum class X25519Path : std::uint8_t {
    scalar,  ///< libsodium
    ifma,    ///< eight lanes of AVX-512 IFMA
};

/// The fastest that this CPU has.
[[nodiscard]] X25519Path best_x25519_path();

/// One scalar multiplication of a batch. Holds pointers only: what it was made of must outlive the batch,
/// and no result may be what another job of the batch reads.
class X25519Job {
  public:
    X25519Job() = default;
    /// out := DH(private_key, public_key), as x25519() has it.
    [[nodiscard]] static X25519Job shared(KeyMaterial& out, const PrivateKey& private_key,
                                          const PublicKey& public_key) {
        return {private_key.data(), public_key.bytes.data(), out.data()};
    }
    /// out := the public key of `private_key`.
    [[nodiscard]] static X25519Job base(PublicKey& out, const PrivateKey& private_key) {
        return {private_key.data(), nullptr, out.bytes.data()};
    }

  private:
    friend void x25519_batch(std::span<const X25519Job> jobs, X25519Path path);
    X25519Job(const std::uint8_t* scalar, const std::uint8_t* point, std::uint8_t* out)
        : scalar_(scalar), point_(point), out_(out) {}

    const std::uint8_t* scalar_ = nullptr;
    const std::uint8_t* point_ = nullptr;  ///< null: the base point
    std::uint8_t* out_ = nullptr;
};

/// Does all of `jobs`. A shared secret with a public key of low order is zero: the caller refuses it. A
/// lone job takes the scalar path whatever `path` says, since it is the faster one then. No allocation;
/// leaves no secret behind. REQUIRES: `path` is scalar or what best_x25519_path() says.
void x25519_batch(std::span<const X25519Job> jobs, X25519Path path = best_x25519_path());

}  // namespace ringway::crypto
