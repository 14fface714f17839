#pragma once

// BLAKE2s' compression function (RFC 7693, section 3.2), for sources of crypto/ and their tests.

#include <cstdint>

namespace ringway::crypto {

// RFC 7693, section 2.6.
inline constexpr std::uint32_t kBlake2sInitial[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                                     0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

// RFC 7693, section 2.7: the order in which each round takes the message words.
inline constexpr std::uint8_t kBlake2sOrder[10][16] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
    {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
    {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
    {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
    {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
    {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
};

/// Mixes 64 bytes into the eight words of `state`; `count` is the bytes hashed, these included. Leaves
/// nothing of them in memory.
using Blake2sCompress = void(std::uint32_t* state, const std::uint8_t* block, std::uint64_t count, bool last);

/// For any CPU.
Blake2sCompress blake2s_compress_portable;
/// REQUIRES: the CPU has AVX-512 F and VL.
Blake2sCompress blake2s_compress_avx512;

/// Whether this CPU can run blake2s_compress_avx512().
[[nodiscard]] inline bool has_blake2s_avx512() {
    return __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512vl") != 0;
}

}  // namespace ringway::crypto
