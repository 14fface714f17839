#include <doctest/doctest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <new>
#include <span>
#include <vector>

#include "crypto/aead_burst.h"
#include "crypto/simd/kernel.h"
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

TEST_CASE("nor by a whole burst, on any path, out of place or in place") {
    constexpr std::size_t kPackets = simd::kMaxChaChaLanes + 3;
    const std::array<FencedMemory, kPackets> sources;
    const std::array<FencedMemory, kPackets> destinations;
    const std::vector<SymmetricKey> keys(kPackets);
    for (const AeadPath path : usable_aead_paths()) {
        CAPTURE(to_string(path));
        AeadBurst aead(AeadPolicy::always(path));
        for (std::uint32_t longest = 0; longest <= 1500; longest += longest < 300 ? 1 : 7) {
            for (const bool at_end : {false, true}) {
                std::array<AeadOperation, kPackets> operations;
                for (std::size_t i = 0; i < kPackets; ++i) {
                    const auto length = longest - std::min(longest, static_cast<std::uint32_t>(3 * i));
                    const auto place = [&](const FencedMemory& memory, std::size_t behind) {
                        return at_end ? memory.end() - length - behind : memory.begin();
                    };
                    std::uint8_t* const source = place(sources[i], 0);
                    std::fill(source, source + length, std::uint8_t{0x77});
                    operations[i] = {&keys[i], longest,         place(destinations[i], kTagBytes),
                                     length,   Direction::seal, false,
                                     source};
                }
                aead.run(operations);
                for (AeadOperation& operation : operations) {
                    operation.source = nullptr;
                    operation.direction = Direction::open;
                }
                aead.run(operations);
                const bool all_opened = std::ranges::all_of(operations, [](const AeadOperation& operation) {
                    return operation.ok && std::all_of(operation.data, operation.data + operation.length,
                                                       [](std::uint8_t byte) { return byte == 0x77; });
                });
                CHECK_MESSAGE(all_opened, "longest ", longest);
            }
        }
    }
}
