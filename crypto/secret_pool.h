#pragma once

#include <sodium.h>

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <type_traits>
#include <vector>

namespace ringway::crypto {

/// One private mapping for key material: locked into RAM, left out of core dumps, zeroed when it
/// is unmapped. It is not DPDK memory, so that no secondary process can map it. Made at start-up;
/// carved once, never returned piecemeal. Not thread-safe.
class SecretArena {
  public:
    /// Throws std::system_error when the mapping can't be made or locked.
    explicit SecretArena(std::size_t bytes);
    ~SecretArena();
    SecretArena(const SecretArena&) = delete;
    SecretArena& operator=(const SecretArena&) = delete;

    /// Throws std::bad_alloc when the arena is used up.
    [[nodiscard]] void* carve(std::size_t bytes, std::size_t alignment);

  private:
    std::uint8_t* base_ = nullptr;
    std::size_t bytes_ = 0;
    std::size_t used_ = 0;
};

/// A fixed number of `T`s in a SecretArena. acquire() and release never allocate. A released slot
/// is zeroed at once. One thread. The pool outlives its objects, the arena the pool.
template <typename T>
class SecretPool {
    static_assert(std::is_nothrow_default_constructible_v<T> && std::is_nothrow_destructible_v<T>);

  public:
    struct Release {
        SecretPool* pool = nullptr;
        void operator()(T* object) const noexcept { pool->release(object); }
    };
    using Pointer = std::unique_ptr<T, Release>;

    /// Bytes of arena that a pool of `capacity` takes, alignment included.
    [[nodiscard]] static constexpr std::size_t arena_bytes(std::size_t capacity) {
        return capacity * sizeof(Slot) + alignof(Slot);
    }

    SecretPool(SecretArena& arena, std::size_t capacity);
    SecretPool(const SecretPool&) = delete;
    SecretPool& operator=(const SecretPool&) = delete;

    /// A default-constructed T, or null when all are in use.
    [[nodiscard]] Pointer acquire() noexcept;
    [[nodiscard]] std::size_t in_use() const noexcept { return capacity_ - free_.size(); }

  private:
    struct alignas(alignof(T) > 64 ? alignof(T) : 64) Slot {
        unsigned char bytes[sizeof(T)];
    };
    void release(T* object) noexcept;

    Slot* slots_ = nullptr;
    std::size_t capacity_ = 0;
    std::vector<std::uint32_t> free_;
    std::vector<bool> taken_;  ///< by slot; guards against a second release
};

template <typename T>
SecretPool<T>::SecretPool(SecretArena& arena, std::size_t capacity)
    : slots_(static_cast<Slot*>(arena.carve(capacity * sizeof(Slot), alignof(Slot)))),
      capacity_(capacity),
      taken_(capacity) {
    free_.reserve(capacity);
    for (std::size_t slot = capacity; slot > 0; --slot) {
        free_.push_back(static_cast<std::uint32_t>(slot - 1));
    }
}

template <typename T>
auto SecretPool<T>::acquire() noexcept -> Pointer {
    if (free_.empty()) return Pointer(nullptr, Release{this});
    const std::uint32_t slot = free_.back();
    free_.pop_back();
    taken_[slot] = true;
    return Pointer(new (slots_[slot].bytes) T(), Release{this});
}

template <typename T>
void SecretPool<T>::release(T* object) noexcept {
    auto* const slot = reinterpret_cast<Slot*>(object);
    const auto index = static_cast<std::uint32_t>(slot - slots_);
    assert(index < capacity_ && taken_[index]);
    object->~T();
    sodium_memzero(slot, sizeof(Slot));
    taken_[index] = false;
    free_.push_back(index);
}

}  // namespace ringway::crypto
