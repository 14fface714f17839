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
    friend class HmacBlake2s;
    friend class HmacBlake2sKey;
    using State = std::array<std::uint32_t, 8>;

    /// Goes on behind a first block.
    explicit Blake2s(const State& after_block) : state_(after_block), count_(kBlake2sBlockBytes) {}
    void compress(const std::uint8_t* block, std::size_t bytes, bool last);

    State state_;
    std::size_t output_bytes_ = kBlake2sBytes;
    std::uint64_t count_ = 0;  ///< bytes compressed
    std::size_t filled_ = 0;   ///< bytes of block_ in use
    std::array<std::uint8_t, kBlake2sBlockBytes> block_{};
};

/// The whole of `input` at once; as many bytes as `out` has (1..32).
void blake2s(std::span<std::uint8_t> out, std::span<const std::uint8_t> input,
             std::span<const std::uint8_t> key = {});

/// A key of HMAC-BLAKE2s made ready, for several inputs. It may have any length.
class HmacBlake2sKey {
  public:
    explicit HmacBlake2sKey(std::span<const std::uint8_t> key);
    ~HmacBlake2sKey();
    HmacBlake2sKey(const HmacBlake2sKey&) = delete;
    HmacBlake2sKey& operator=(const HmacBlake2sKey&) = delete;

  private:
    friend class HmacBlake2s;
    Blake2s::State inner_;  ///< behind the block that the padded key is
    Blake2s::State outer_;
    std::array<std::uint8_t, kBlake2sBlockBytes>
        inner_block_{};  ///< that block: with no input, it is the last
};

/// HMAC (RFC 2104) with BLAKE2s, fed piece by piece.
class HmacBlake2s {
  public:
    /// `key` must outlive it.
    explicit HmacBlake2s(const HmacBlake2sKey& key) : inner_(key.inner_), key_(key) {}

    HmacBlake2s& update(std::span<const std::uint8_t> input);
    /// Once, at the end.
    void finish(std::span<std::uint8_t, kBlake2sBytes> out);

  private:
    Blake2s inner_;
    bool is_empty_ = true;
    const HmacBlake2sKey& key_;
};

}  // namespace ringway::crypto
