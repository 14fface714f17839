#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <utility>
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
/// is zeroed at once. One thread.
template <typename T>
class SecretPool {
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
};

}  // namespace ringway::crypto
