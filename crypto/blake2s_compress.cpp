#include "crypto/blake2s_compress.h"

#include <array>
#include <bit>

#include "crypto/endian.h"
#include "crypto/wipe.h"

namespace ringway::crypto {
namespace {

/// The mixing function G (RFC 7693, section 3.1). The message word is added first: it is there early.
inline void mix(std::uint32_t& a, std::uint32_t& b, std::uint32_t& c, std::uint32_t& d, std::uint32_t x,
                std::uint32_t y) {
    a = a + x + b;
    d = std::rotr(d ^ a, 16);
    c += d;
    b = std::rotr(b ^ c, 12);
    a = a + y + b;
    d = std::rotr(d ^ a, 8);
    c += d;
    b = std::rotr(b ^ c, 7);
}

}  // namespace

void blake2s_compress_portable(std::uint32_t* state, const std::uint8_t* block, std::uint64_t count,
                               bool last) {
    std::array<Le32, 16> wire;
    std::memcpy(wire.data(), block, sizeof(wire));
    const auto m = [&](std::size_t i) { return wire[i].host(); };

    std::uint32_t v[16];
    for (std::size_t i = 0; i < 8; ++i) {
        v[i] = state[i];
        v[i + 8] = kBlake2sInitial[i];
    }
    v[12] ^= static_cast<std::uint32_t>(count);
    v[13] ^= static_cast<std::uint32_t>(count >> 32);
    if (last) v[14] = ~v[14];

#pragma GCC unroll 10
    for (const auto& s : kBlake2sOrder) {
        mix(v[0], v[4], v[8], v[12], m(s[0]), m(s[1]));
        mix(v[1], v[5], v[9], v[13], m(s[2]), m(s[3]));
        mix(v[2], v[6], v[10], v[14], m(s[4]), m(s[5]));
        mix(v[3], v[7], v[11], v[15], m(s[6]), m(s[7]));
        mix(v[0], v[5], v[10], v[15], m(s[8]), m(s[9]));
        mix(v[1], v[6], v[11], v[12], m(s[10]), m(s[11]));
        mix(v[2], v[7], v[8], v[13], m(s[12]), m(s[13]));
        mix(v[3], v[4], v[9], v[14], m(s[14]), m(s[15]));
    }
    for (std::size_t i = 0; i < 8; ++i)
        state[i] ^= v[i] ^ v[i + 8];
    wipe(wire.data(), sizeof(wire));
}

}  // namespace ringway::crypto
