#include "tests/support/allocation_count.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

namespace {

thread_local std::size_t allocations = 0;

}  // namespace

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)

// A sanitizer stands before the C library's allocator itself, and tells who asks.

// Declared in a header that comes with clang alone.
extern "C" int __sanitizer_install_malloc_and_free_hooks(  // NOLINT
    void (*on_malloc)(const volatile void*, std::size_t), void (*on_free)(const volatile void*));

namespace {

[[maybe_unused]] const int installed = __sanitizer_install_malloc_and_free_hooks(
    [](const volatile void*, std::size_t) { ++allocations; }, [](const volatile void*) {});

}  // namespace

#else

// Stands before the C library's allocator in the whole program, shared libraries included; operator
// new ends here too.

extern "C" {

// The C library's own names for the functions that we stand before.
void* __libc_malloc(std::size_t size);                           // NOLINT
void* __libc_calloc(std::size_t count, std::size_t size);        // NOLINT
void* __libc_realloc(void* old, std::size_t size);               // NOLINT
void* __libc_memalign(std::size_t alignment, std::size_t size);  // NOLINT

void* malloc(std::size_t size) {
    ++allocations;
    return __libc_malloc(size);
}

void* calloc(std::size_t count, std::size_t size) {
    ++allocations;
    return __libc_calloc(count, size);
}

void* realloc(void* old, std::size_t size) {
    ++allocations;
    return __libc_realloc(old, size);
}

void* memalign(std::size_t alignment, std::size_t size) {
    ++allocations;
    return __libc_memalign(alignment, size);
}

void* aligned_alloc(std::size_t alignment, std::size_t size) {
    return memalign(alignment, size);
}

int posix_memalign(void** out, std::size_t alignment, std::size_t size) {
    *out = memalign(alignment, size);
    return *out == nullptr ? ENOMEM : 0;
}

// Both of mmap's names, whichever <sys/mman.h> gives it. (The allocator has a way of its own to the kernel
// and is not counted twice.)
void* map(void*, std::size_t, int, int, int, off_t) __asm__("mmap");
void* map_64(void*, std::size_t, int, int, int, off_t) __asm__("mmap64");

void* map(void* address, std::size_t size, int protection, int flags, int file, off_t offset) {
    ++allocations;
    const long result = syscall(SYS_mmap, address, size, protection, flags, file, offset);
    return reinterpret_cast<void*>(result);  // MAP_FAILED is -1
}

void* map_64(void* address, std::size_t size, int protection, int flags, int file, off_t offset) {
    return map(address, size, protection, flags, file, offset);
}
}

#endif

namespace ringway::tests {

std::size_t allocations_of_this_thread() noexcept {
    return allocations;
}

}  // namespace ringway::tests
