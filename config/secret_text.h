#pragma once

#include <cstddef>
#include <memory>
#include <string>

namespace ringway::config {

/// Zeroes memory in a way that the compiler keeps.
void wipe_memory(void* bytes, std::size_t count) noexcept;

/// Zeroes what it frees.
template <typename T>
struct WipingAllocator {
    using value_type = T;

    WipingAllocator() = default;
    template <typename Other>
    explicit WipingAllocator(const WipingAllocator<Other>& /*other*/) {}

    [[nodiscard]] T* allocate(std::size_t count) { return std::allocator<T>().allocate(count); }
    void deallocate(T* memory, std::size_t count) noexcept {
        wipe_memory(memory, count * sizeof(T));
        std::allocator<T>().deallocate(memory, count);
    }
    bool operator==(const WipingAllocator&) const = default;
};

/// Text in which keys may stand: every buffer it ever had is zeroed, those it grew out of included. Only
/// texts of up to 15 characters, shorter than any key, are kept elsewhere.
using SecretText = std::basic_string<char, std::char_traits<char>, WipingAllocator<char>>;

}  // namespace ringway::config
