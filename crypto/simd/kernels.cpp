#include "crypto/simd/kernels.h"

#include <array>

namespace ringway::crypto::simd {
namespace {

bool has_avx2() {
    return __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("bmi2") != 0;
}

bool has_avx512() {
    return has_avx2() && __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
           __builtin_cpu_supports("avx512dq") != 0 && __builtin_cpu_supports("avx512vl") != 0 &&
           __builtin_cpu_supports("avx512ifma") != 0 && __builtin_cpu_supports("avx512vbmi2") != 0;
}

constexpr std::array<const Kernel*, 2> kAll = {&kAvx512Kernel, &kAvx2Kernel};

}  // namespace

std::span<const Kernel* const> usable_kernels() {
    const std::span<const Kernel* const> all(kAll);
    if (has_avx512()) return all;
    return has_avx2() ? all.subspan(1) : all.subspan(2);
}

}  // namespace ringway::crypto::simd
