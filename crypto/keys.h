#pragma once

#include <sodium.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "crypto/wipe.h"

namespace ringway::crypto {

inline constexpr std::size_t kKeyBytes = 32;

/// A Curve25519 public key. Not secret; ordered and hashable so that tables can hold it.
struct PublicKey {
    std::array<std::uint8_t, kKeyBytes> bytes{};
    auto operator<=>(const PublicKey&) const = default;
};

/// `Size` bytes of key material, zeroed when it goes out of scope. Copies are made only by name.
/// `Tag` keeps one kind of key from being passed for another. Objects that live longer than a
/// function belong in locked memory: see SecretPool.
template <typename Tag, std::size_t Size = kKeyBytes>
class Secret {
  public:
    Secret() = default;
    explicit Secret(std::span<const std::uint8_t, Size> from) {
        for (std::size_t i = 0; i < Size; ++i)
            bytes_[i] = from[i];
    }
    ~Secret() { wipe(); }
    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;

    /// Takes over the other's bytes and zeroes the other.
    Secret(Secret&& other) noexcept : bytes_(other.bytes_) { other.wipe(); }
    Secret& operator=(Secret&& other) noexcept {
        if (this != &other) {
            bytes_ = other.bytes_;
            other.wipe();
        }
        return *this;
    }

    [[nodiscard]] Secret copy() const { return Secret(std::span<const std::uint8_t, Size>(bytes_)); }
    void wipe() noexcept { crypto::wipe(bytes_.data(), Size); }
    /// In constant time.
    [[nodiscard]] bool is_zero() const { return sodium_is_zero(bytes_.data(), Size) == 1; }
    /// In constant time.
    [[nodiscard]] bool equals(const Secret& other) const {
        return sodium_memcmp(bytes_.data(), other.bytes_.data(), Size) == 0;
    }

    [[nodiscard]] std::uint8_t* data() { return bytes_.data(); }
    [[nodiscard]] const std::uint8_t* data() const { return bytes_.data(); }
    [[nodiscard]] static constexpr std::size_t size() { return Size; }
    [[nodiscard]] std::span<std::uint8_t, Size> span() { return bytes_; }
    [[nodiscard]] std::span<const std::uint8_t, Size> span() const { return bytes_; }

  private:
    std::array<std::uint8_t, Size> bytes_{};
};

using PrivateKey = Secret<struct PrivateKeyTag>;
using PresharedKey = Secret<struct PresharedKeyTag>;
/// A ChaCha20-Poly1305 key of one direction of one session.
using SymmetricKey = Secret<struct SymmetricKeyTag>;
/// The result of a Diffie-Hellman, or a chaining key: input to the key schedule.
using KeyMaterial = Secret<struct KeyMaterialTag>;

}  // namespace ringway::crypto
