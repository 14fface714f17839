#include <algorithm>

#include "tests/crypto/two_sides.h"

namespace ringway::tests {

namespace {

using Bytes = std::array<std::uint8_t, 32>;

/// 2^255 - 19 + `offset`, little-endian.
constexpr Bytes around_prime(int offset) {
    Bytes bytes;
    bytes.fill(0xff);
    bytes[0] = static_cast<std::uint8_t>(0xed + offset);
    bytes[31] = 0x7f;
    return bytes;
}

// Both points of order eight.
constexpr Bytes kEighth = {0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3,
                           0xfa, 0xf1, 0x9f, 0xc4, 0x6a, 0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32,
                           0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00};
constexpr Bytes kOtherEighth = {0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1,
                                0x55, 0x9c, 0x83, 0xef, 0x5b, 0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c,
                                0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57};

}  // namespace

std::array<crypto::PublicKey, 14> low_order_points() {
    const std::array<Bytes, 7> bases = {Bytes{0},         Bytes{1},        kEighth,        kOtherEighth,
                                        around_prime(-1), around_prime(0), around_prime(1)};
    std::array<crypto::PublicKey, 14> points;
    for (std::size_t i = 0; i < bases.size(); ++i) {
        points[2 * i].bytes = bases[i];
        points[2 * i + 1].bytes = bases[i];
        points[2 * i + 1].bytes[31] |= 0x80;
    }
    return points;
}

}  // namespace ringway::tests
