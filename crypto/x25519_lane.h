#pragma once

#include <cstdint>

namespace ringway::crypto {

/// One scalar multiplication of a kernel: 32 bytes each. `out` is zero for a point of low order.
struct X25519Lane {
    const std::uint8_t* scalar;  ///< need not be clamped
    const std::uint8_t* point;
    std::uint8_t* out;
};

}  // namespace ringway::crypto
