#include <doctest/doctest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <new>
#include <span>

#include "crypto/aead_burst.h"
#include "tests/support/seeded_random.h"

using namespace ringway::crypto;
using Direction = AeadOperation::Direction;

namespace {

/// A few pages between two that nobody may touch.
class FencedMemory {
  public:
    static constexpr std::size_t kBytes = 4096;

    FencedMemory() : page_(static_cast<std::size_t>(sysconf(_SC_PAGESIZE))) {
        void* base = mmap(nullptr, kBytes + 2 * page_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (base == MAP_FAILED) throw std::bad_alloc();
        base_ = static_cast<std::uint8_t*>(base);
        if (mprotect(base_ + page_, kBytes, PROT_READ | PROT_WRITE) != 0) throw std::bad_alloc();
    }
    ~FencedMemory() { munmap(base_, kBytes + 2 * page_); }
    FencedMemory(const FencedMemory&) = delete;
    FencedMemory& operator=(const FencedMemory&) = delete;

    [[nodiscard]] std::uint8_t* begin() const { return base_ + page_; }
    [[nodiscard]] std::uint8_t* end() const { return begin() + kBytes; }

  private:
    std::size_t page_;
    std::uint8_t* base_ = nullptr;
};

}  // namespace

TEST_CASE("nothing is read or written before a packet or behind its tag") {
    AeadBurst aead;
    SymmetricKey key;
    const FencedMemory memory;
    for (std::uint32_t length = 0; length <= 1500; ++length) {
        for (std::uint8_t* const data : {memory.begin(), memory.end() - kTagBytes - length}) {
            std::fill(data, data + length, std::uint8_t{0x77});
            AeadOperation operation{&key, length, data, length, Direction::seal, false};
            aead.run({&operation, 1});
            operation.direction = Direction::open;
            aead.run({&operation, 1});
            CHECK(operation.ok);
            CHECK(std::all_of(data, data + length, [](std::uint8_t byte) { return byte == 0x77; }));
        }
    }
}
