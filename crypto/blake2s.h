#pragma once

// BLAKE2s (RFC 7693), plain and keyed, and HMAC over it. Nothing here allocates; everything that
// could hold a secret is wiped when it dies.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace ringway::crypto {

inline constexpr std::size_t kBlake2sBytes = 32;
inline constexpr std::size_t kBlake2sBlockBytes = 64;

/// One hash, fed piece by piece.
class Blake2s {
  public:
    /// REQUIRES: `output_bytes` is 1..32 and `key` at most 32 bytes. A key makes it a MAC; a shorter
    /// output is another function, not a prefix of the longer one.
    explicit Blake2s(std::size_t output_bytes = kBlake2sBytes, std::span<const std::uint8_t> key = {});
    ~Blake2s();
    Blake2s(const Blake2s&) = delete;
    Blake2s& operator=(const Blake2s&) = delete;

    Blake2s& update(std::span<const std::uint8_t> input);
    /// Once, at the end. REQUIRES: `out` has the bytes that the constructor was told.
    void finish(std::span<std::uint8_t> out);

  private:
    void compress(bool last);

    std::array<std::uint32_t, 8> state_;
    std::size_t output_bytes_;
    std::uint64_t count_ = 0;  ///< bytes compressed, the current block included
    std::size_t filled_ = 0;   ///< bytes of block_ in use
    std::array<std::uint8_t, kBlake2sBlockBytes> block_{};
};

/// The whole of `input` at once; as many bytes as `out` has (1..32).
void blake2s(std::span<std::uint8_t> out, std::span<const std::uint8_t> input,
             std::span<const std::uint8_t> key = {});

/// HMAC (RFC 2104) with BLAKE2s, fed piece by piece. The key may have any length.
class HmacBlake2s {
  public:
    explicit HmacBlake2s(std::span<const std::uint8_t> key);
    ~HmacBlake2s();
    HmacBlake2s(const HmacBlake2s&) = delete;
    HmacBlake2s& operator=(const HmacBlake2s&) = delete;

    HmacBlake2s& update(std::span<const std::uint8_t> input);
    /// Once, at the end.
    void finish(std::span<std::uint8_t, kBlake2sBytes> out);

  private:
    std::array<std::uint8_t, kBlake2sBlockBytes> padded_key_{};
    Blake2s inner_;
};

}  // namespace ringway::crypto
