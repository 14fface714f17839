// The heap of the gateway: what is given back is zeroed first. Keys pass through memory that we don't own, in
// the readers of YAML, JSON and HTTP; so none of them lies about when they have done with it. lcores never
// give memory back, and what the control side does is small. Held by tests/e2e/dead-keys.sh.

#include <malloc.h>
#include <string.h>

#include <cstdlib>
#include <new>

// The sanitizers' own heaps know who asked for what.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

namespace {

void give_back(void* memory) noexcept {
    if (memory == nullptr) return;
    explicit_bzero(memory, malloc_usable_size(memory));
    std::free(memory);
}

}  // namespace

// The library's other forms end in these.
void operator delete(void* memory) noexcept {
    give_back(memory);
}

void operator delete(void* memory, std::size_t) noexcept {
    give_back(memory);
}

void operator delete(void* memory, std::align_val_t) noexcept {
    give_back(memory);
}

void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
    give_back(memory);
}

#endif
