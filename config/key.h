#pragma once

// Keys as the configuration holds them. config/ depends on no other folder, so it has its own types;
// control/ turns them into those of crypto/.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace ringway::config {

inline constexpr std::size_t kKeyBytes = 32;

/// A Curve25519 public key. Not secret.
struct PublicKey {
    std::array<std::uint8_t, kKeyBytes> bytes{};
    auto operator<=>(const PublicKey&) const = default;
};

/// A private or preshared key, zeroed when it goes out of scope. Copies are made only by name.
class SecretKey {
  public:
    SecretKey() = default;
    explicit SecretKey(std::span<const std::uint8_t, kKeyBytes> from);
    ~SecretKey();
    SecretKey(const SecretKey&) = delete;
    SecretKey& operator=(const SecretKey&) = delete;
    /// Takes over the other's bytes and zeroes the other.
    SecretKey(SecretKey&& other) noexcept;
    SecretKey& operator=(SecretKey&& other) noexcept;

    [[nodiscard]] SecretKey copy() const { return SecretKey(bytes()); }
    [[nodiscard]] std::span<const std::uint8_t, kKeyBytes> bytes() const { return bytes_; }
    /// In constant time.
    [[nodiscard]] bool is_zero() const;
    /// In constant time.
    [[nodiscard]] bool equals(const SecretKey& other) const;

  private:
    void wipe() noexcept;

    std::array<std::uint8_t, kKeyBytes> bytes_{};
};

/// The public half of a private key (X25519 with the base point).
[[nodiscard]] PublicKey public_key_of(const SecretKey& private_key);

/// Whether both are one private key: X25519 ignores five of its bits, and zero is none. In constant time.
[[nodiscard]] bool same_private_key(const SecretKey& a, const SecretKey& b);

/// True for the points whose product with any private key is zero (RFC 7748, section 6.1): no session
/// can ever be made with them. Knows every encoding, the top bit and values not below p included.
[[nodiscard]] bool is_low_order(const PublicKey& key);

}  // namespace ringway::config
