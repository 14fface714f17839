#pragma once

#include <cstddef>
#include <cstring>

namespace ringway::crypto {

/// Zeroes memory that held a secret, even if nothing reads it any more: the compiler is told that
/// something might. In place of libsodium's function where that one's call would take longer than the work.
inline void wipe(void* memory, std::size_t bytes) noexcept {
    std::memset(memory, 0, bytes);
    asm volatile("" : : "r"(memory) : "memory");
}

}  // namespace ringway::crypto
