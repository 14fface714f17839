// After a burst nothing of its secrets is left on the stack or in the memory that the AEAD works in.

#include <doctest/doctest.h>

#include <array>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "crypto/aead_lanes.h"
#include "crypto/simd/kernels.h"
#include "tests/crypto/hex.h"
#include "tests/crypto/kernel_aead.h"
#include "tests/crypto/scanned_stack.h"

using namespace ringway::crypto;
using namespace ringway::tests;
using Direction = AeadOperation::Direction;

namespace {

/// What a burst of equal packets would leave: words that stand in all lanes of a vector, 16 bytes of them.
struct Traces {
    std::vector<Buffer> all;

    void add_words(std::span<const std::uint8_t> secret) {
        for (std::size_t at = 0; at + 4 <= secret.size(); at += 4) {
            Buffer vector;
            for (int lane = 0; lane < 4; ++lane)
                vector.insert(vector.end(), &secret[at], &secret[at] + 4);
            all.push_back(vector);
        }
    }
    void add_bytes(std::span<const std::uint8_t> secret) { all.emplace_back(secret.begin(), secret.end()); }
    void add_limb(std::uint64_t limb) {
        Buffer vector(16);
        std::memcpy(vector.data(), &limb, 8);
        std::memcpy(&vector[8], &limb, 8);
        all.push_back(vector);
    }
};

std::uint64_t quad(const Buffer& from, std::size_t at) {
    std::uint64_t value = 0;
    std::memcpy(&value, &from[at], sizeof(value));
    return value;
}

}  // namespace

TEST_CASE("a burst leaves no key, key stream or Poly1305 key on the stack or in its memory" *
          doctest::skip(kStackIsTheSanitizers)) {
    constexpr std::uint32_t kBytes = 1424;
    constexpr std::uint64_t kCounter = 7;
    SymmetricKey key;
    for (std::size_t i = 0; i < kKeyBytes; ++i)
        key.data()[i] = static_cast<std::uint8_t>(37 * i + 11);
    for (const simd::Kernel* kernel : simd::usable_kernels()) {
        CAPTURE(kernel->name);
        Traces traces;
        const KernelAead single(*kernel);
        const Buffer stream = single.seal(key, kCounter, Buffer(128), {});
        const Buffer poly_key = single.key_stream(key, kCounter, 0, 32);
        traces.add_words(key.span());
        traces.add_words(std::span(stream).first(128));
        traces.add_words(poly_key);
        traces.add_bytes(key.span());
        traces.add_bytes(std::span(stream).first(32));
        traces.add_bytes(std::span(poly_key).first(16));
        traces.add_bytes(std::span(poly_key).last(16));
        const std::uint64_t low = quad(poly_key, 0) & 0x0ffffffc0fffffff;
        traces.add_limb(low & ((1ULL << 44) - 1));
        traces.add_limb(low & ((1ULL << 26) - 1));
        traces.add_limb(quad(poly_key, 16));

        const auto aead = std::make_unique<LaneAead>(*kernel);
        const std::span memory(reinterpret_cast<const std::uint8_t*>(aead.get()), sizeof(LaneAead));
        // As many as there are lanes, and fewer: lanes without a packet have one's keys, too.
        for (const std::size_t count : {32, 14, 7}) {
            CAPTURE(count);
            std::vector<Buffer> packets(count, Buffer(kBytes + kTagBytes, 0x42));
            std::vector<AeadOperation> operations;
            for (Buffer& packet : packets)
                operations.push_back({&key, kCounter, packet.data(), kBytes, Direction::seal, false});
            for (const Direction direction : {Direction::seal, Direction::open}) {
                for (AeadOperation& operation : operations)
                    operation.direction = direction;
                ScannedStack stack;
                stack.run([&] { aead->run(operations); });
                REQUIRE(operations.front().ok);
                for (const Buffer& trace : traces.all) {
                    CHECK_FALSE(stack.holds(trace));
                    CHECK(std::search(memory.begin(), memory.end(), trace.begin(), trace.end()) ==
                          memory.end());
                }
            }
        }
    }
}
