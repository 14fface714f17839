#pragma once

namespace ringway::crypto {

/// Brings a line here to be written, even if another CPU has it: what is fetched to be read only would have
/// to become ours at the first store. Never faults, wherever `at` is. (__builtin_prefetch() for writing comes
/// out as a fetch for reading unless a CPU is named that has more.) Never a function of its own, for kernels
/// use it: see simd/kernel.h.
[[gnu::always_inline]] static inline void prefetch_to_write(const void* at) {
    asm volatile("prefetchw %0" : : "m"(*static_cast<const unsigned char*>(at)));
}

}  // namespace ringway::crypto
