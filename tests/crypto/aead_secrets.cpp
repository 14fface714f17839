// Does a branch or an address of the multi-buffer AEAD depend on a key or a plaintext? To be run by
// valgrind: both are marked as undefined, and memcheck tells of every jump and every address that is made
// of undefined bytes. It knows AVX2 but not AVX-512, so the kernels run over plain integers, in both
// radices of Poly1305, and the AVX2 kernel as it is.
// With --branch it makes such a jump, so that one can see that memcheck would tell.

#include <valgrind/memcheck.h>

#include <array>
#include <cstdio>
#include <memory>
#include <string_view>
#include <vector>

#include "crypto/aead_lanes.h"
#include "crypto/simd/kernels.h"
#include "tests/crypto/plain_lanes.h"

using namespace ringway;
using namespace ringway::crypto;
using Direction = AeadOperation::Direction;

namespace {

bool is_undefined(const void* bytes) {
    std::uint8_t bits = 0;
    (void)VALGRIND_GET_VBITS(bytes, &bits, 1);
    return bits == 0xff;
}

bool tags_were_secret = true;

/// A tag is sent in clear, and whether a received one is right becomes known: from here on it is public.
template <const simd::Kernel& kKernel>
void publishing_poly1305(const simd::PolyLanes& lanes, simd::PolyTag* tags) {
    kKernel.poly1305(lanes, tags);
    tags_were_secret = tags_were_secret && is_undefined(tags);
    (void)VALGRIND_MAKE_MEM_DEFINED(tags, lanes.count * sizeof(*tags));
}

template <const simd::Kernel& kKernel>
bool run() {
    simd::Kernel kernel = kKernel;
    kernel.poly1305 = publishing_poly1305<kKernel>;
    const auto aead = std::make_unique<LaneAead>(kernel);

    // Of all kinds, and enough alike ones for a lane each.
    constexpr std::array<std::uint32_t, 24> kLengths = {0,   1,   16,   63,   64,  65,  80,  200,
                                                        300, 576, 1024, 1039, 100, 17,  400, 401,
                                                        402, 403, 404,  405,  406, 407, 408, 409};
    std::array<SymmetricKey, kLengths.size()> keys;
    std::vector<std::vector<std::uint8_t>> packets;
    std::vector<AeadOperation> operations;
    for (std::size_t i = 0; i < kLengths.size(); ++i) {
        auto& packet = packets.emplace_back(kLengths[i] + kTagBytes, static_cast<std::uint8_t>(i));
        keys[i].data()[0] = static_cast<std::uint8_t>(i);
        (void)VALGRIND_MAKE_MEM_UNDEFINED(keys[i].data(), kKeyBytes);
        (void)VALGRIND_MAKE_MEM_UNDEFINED(packet.data(), kLengths[i]);
    }
    for (std::size_t i = 0; i < kLengths.size(); ++i)
        operations.push_back({&keys[i], i, packets[i].data(), kLengths[i], Direction::seal, false});
    aead->run(operations);
    const bool sealed_is_secret = is_undefined(packets[3].data());
    for (AeadOperation& operation : operations)
        operation.direction = Direction::open;
    packets[2][kLengths[2]] ^= 1;
    packets.back()[0] ^= 1;
    aead->run(operations);
    std::size_t opened = 0;
    for (const AeadOperation& operation : operations)
        opened += operation.ok ? 1 : 0;
    std::printf("%s: %zu of %zu opened\n", kernel.name, opened, operations.size());
    return sealed_is_secret && opened + 2 == operations.size() && is_undefined(packets[3].data());
}

}  // namespace

int main(int argc, char** argv) {
    if (RUNNING_ON_VALGRIND == 0) return 77;
    bool ok = run<tests::PlainKernel<44>::kKernel>() && run<tests::PlainKernel<26>::kKernel>();
    if (__builtin_cpu_supports("avx2") != 0) ok = run<simd::kAvx2Kernel>() && ok;

    if (argc > 1 && std::string_view(argv[1]) == "--branch") {
        SymmetricKey key;
        (void)VALGRIND_MAKE_MEM_UNDEFINED(key.data(), 1);
        if (key.data()[0] == 0) std::puts("zero");
    }
    return ok && tags_were_secret ? 0 : 1;
}
