#pragma once

#include <sodium.h>

#include <cstddef>
#include <memory>
#include <string>

namespace ringway::control::rest {

/// Gives memory back zeroed: bytes from clients may be preshared keys.
template <typename T>
struct WipingAllocator {
    using value_type = T;
    WipingAllocator() = default;
    template <typename Other>
    explicit WipingAllocator(const WipingAllocator<Other>& /*other*/) {}

    [[nodiscard]] T* allocate(std::size_t count) { return std::allocator<T>().allocate(count); }
    void deallocate(T* memory, std::size_t count) {
        sodium_memzero(memory, count * sizeof(T));
        std::allocator<T>().deallocate(memory, count);
    }
    bool operator==(const WipingAllocator&) const { return true; }
};

/// What a client sent. (A few bytes of it may lie in the object itself: too few for a key.)
using WipedText = std::basic_string<char, std::char_traits<char>, WipingAllocator<char>>;

inline void wipe(std::string& text) {
    sodium_memzero(text.data(), text.size());
    text.clear();
}

}  // namespace ringway::control::rest
