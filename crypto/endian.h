#pragma once

#include <array>
#include <bit>
#include <compare>
#include <cstdint>
#include <type_traits>

namespace ringway::crypto {

/// An unsigned integer stored in a fixed byte order, whatever the machine's. It converts only
/// when asked, so that a forgotten swap does not compile. It has no alignment, so wire structs
/// made of it have no holes and may lie anywhere in a packet.
template <typename Unsigned, std::endian Order>
class Ordered {
  public:
    constexpr Ordered() = default;
    constexpr explicit Ordered(Unsigned host) : bytes_(std::bit_cast<Bytes>(swap(host))) {}

    /// The value in the machine's own order.
    [[nodiscard]] constexpr Unsigned host() const { return swap(raw()); }
    /// The stored bytes read as they lie in memory; for hashing and checksums only.
    [[nodiscard]] constexpr Unsigned raw() const { return std::bit_cast<Unsigned>(bytes_); }

    constexpr bool operator==(const Ordered&) const = default;

  private:
    using Bytes = std::array<unsigned char, sizeof(Unsigned)>;

    static constexpr Unsigned swap(Unsigned value) {
        if constexpr (Order == std::endian::native) {
            return value;
        } else if constexpr (sizeof(Unsigned) == 2) {
            return __builtin_bswap16(value);
        } else if constexpr (sizeof(Unsigned) == 4) {
            return __builtin_bswap32(value);
        } else {
            return __builtin_bswap64(value);
        }
    }

    Bytes bytes_{};
};

using Be16 = Ordered<std::uint16_t, std::endian::big>;
using Be32 = Ordered<std::uint32_t, std::endian::big>;
using Be64 = Ordered<std::uint64_t, std::endian::big>;
using Le32 = Ordered<std::uint32_t, std::endian::little>;
using Le64 = Ordered<std::uint64_t, std::endian::little>;

static_assert(alignof(Le64) == 1);
static_assert(sizeof(Be16) == 2 && sizeof(Be32) == 4 && sizeof(Le64) == 8);
static_assert(std::is_trivially_copyable_v<Be32>);

}  // namespace ringway::crypto
