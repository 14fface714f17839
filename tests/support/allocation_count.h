#pragma once

#include <cstddef>

namespace ringway::tests {

/// How often the calling thread has allocated since it began: operator new, the malloc family and, without a
/// sanitizer, mmap. Works in programs that link allocation_count.cpp.
[[nodiscard]] std::size_t allocations_of_this_thread() noexcept;

}  // namespace ringway::tests
