#pragma once

// The kernels there are, and which of them this CPU can run.

#include <span>

#include "crypto/simd/kernel.h"

namespace ringway::crypto::simd {

extern const Kernel kAvx512Kernel;  ///< AVX-512 F, BW, DQ, VL, IFMA and VBMI2; BMI2
extern const Kernel kAvx2Kernel;    ///< AVX2 and BMI2

/// Those whose instructions CPU and operating system have, the most promising first.
[[nodiscard]] std::span<const Kernel* const> usable_kernels();

}  // namespace ringway::crypto::simd
