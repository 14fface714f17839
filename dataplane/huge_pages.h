#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <new>
#include <vector>

namespace ringway::dataplane {

/// Memory for tables that are looked up at random: on huge pages where the kernel has them to give
/// (transparent huge pages, by madvise), so that a look-up that misses the cache does not miss the TLB
/// too. Small tables come from the heap. Control side, at start-up.
template <typename T>
struct HugePageAllocator {
    using value_type = T;

    HugePageAllocator() = default;
    template <typename Other>
    explicit HugePageAllocator(const HugePageAllocator<Other>&) {}

    [[nodiscard]] T* allocate(std::size_t count) {
        const std::size_t bytes = count * sizeof(T);
        if (bytes < kHugePage) return static_cast<T*>(::operator new (bytes, std::align_val_t{alignof(T)}));
        // A whole page more, so that the table can begin at the border of one.
        void* mapped = ::mmap(nullptr, mapped_bytes(bytes), PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (mapped == MAP_FAILED) throw std::bad_alloc();
        auto* const begin = static_cast<std::byte*>(mapped);
        const std::size_t before = -reinterpret_cast<std::uintptr_t>(begin) & (kHugePage - 1);
        std::byte* const table = begin + before;
        if (before != 0) (void)::munmap(begin, before);
        (void)::munmap(table + rounded(bytes), kHugePage - before);
        (void)::madvise(table, rounded(bytes), MADV_HUGEPAGE);
        return reinterpret_cast<T*>(table);
    }
    void deallocate(T* table, std::size_t count) noexcept {
        const std::size_t bytes = count * sizeof(T);
        if (bytes < kHugePage) {
            ::operator delete (table, std::align_val_t{alignof(T)});
        } else {
            (void)::munmap(table, rounded(bytes));
        }
    }

    bool operator==(const HugePageAllocator&) const = default;

  private:
    static constexpr std::size_t kHugePage = 2UL << 20;
    static_assert(alignof(T) <= kHugePage);

    static std::size_t rounded(std::size_t bytes) { return (bytes + kHugePage - 1) & ~(kHugePage - 1); }
    static std::size_t mapped_bytes(std::size_t bytes) { return rounded(bytes) + kHugePage; }
};

/// A table of fixed size on huge pages.
template <typename T>
using Table = std::vector<T, HugePageAllocator<T>>;

}  // namespace ringway::dataplane
