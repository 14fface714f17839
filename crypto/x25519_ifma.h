#pragma once

#include <cstddef>

#include "crypto/x25519_lane.h"

namespace ringway::crypto {

/// All of `lanes`, eight at a time with AVX-512 IFMA, in constant time. Eight take a fifth longer than one
/// does in scalar code, and so do fewer than eight. Wipes the memory and the registers it used, but not
/// what the compiler spilled to the stack. REQUIRES: the CPU has AVX-512 F and IFMA; no `out` overlaps
/// an input.
void x25519_ifma(const X25519Lane* lanes, std::size_t count);

}  // namespace ringway::crypto
