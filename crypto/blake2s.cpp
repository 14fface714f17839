#include "crypto/blake2s.h"

#include <sodium.h>

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>

#include "crypto/endian.h"

namespace ringway::crypto {
namespace {

using Words = std::array<std::uint32_t, 16>;

// RFC 7693, section 2.6.
constexpr std::array<std::uint32_t, 8> kInitial = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                                   0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

// RFC 7693, section 2.7: the order in which each round takes the message words.
constexpr std::array<std::array<std::uint8_t, 16>, 10> kSigma = {{
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
    {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
    {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
    {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
    {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
    {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
}};

/// The mixing function G (RFC 7693, section 3.1).
inline void mix(std::uint32_t& a, std::uint32_t& b, std::uint32_t& c, std::uint32_t& d, std::uint32_t x,
                std::uint32_t y) {
    a += b + x;
    d = std::rotr(d ^ a, 16);
    c += d;
    b = std::rotr(b ^ c, 12);
    a += b + y;
    d = std::rotr(d ^ a, 8);
    c += d;
    b = std::rotr(b ^ c, 7);
}

inline void round(Words& v, const Words& m, const std::array<std::uint8_t, 16>& s) {
    mix(v[0], v[4], v[8], v[12], m[s[0]], m[s[1]]);
    mix(v[1], v[5], v[9], v[13], m[s[2]], m[s[3]]);
    mix(v[2], v[6], v[10], v[14], m[s[4]], m[s[5]]);
    mix(v[3], v[7], v[11], v[15], m[s[6]], m[s[7]]);
    mix(v[0], v[5], v[10], v[15], m[s[8]], m[s[9]]);
    mix(v[1], v[6], v[11], v[12], m[s[10]], m[s[11]]);
    mix(v[2], v[7], v[8], v[13], m[s[12]], m[s[13]]);
    mix(v[3], v[4], v[9], v[14], m[s[14]], m[s[15]]);
}

std::array<std::uint8_t, kBlake2sBlockBytes> pad_key(std::span<const std::uint8_t> key) {
    std::array<std::uint8_t, kBlake2sBlockBytes> padded{};
    if (key.size() > padded.size()) {
        blake2s(std::span(padded).first<kBlake2sBytes>(), key);
    } else {
        std::ranges::copy(key, padded.begin());
    }
    return padded;
}

void flip(std::span<std::uint8_t> bytes, std::uint8_t with) {
    for (auto& byte : bytes) {
        byte ^= with;
    }
}

constexpr std::uint8_t kInnerPad = 0x36;
constexpr std::uint8_t kOuterPad = 0x5c;

}  // namespace

Blake2s::Blake2s(std::size_t output_bytes, std::span<const std::uint8_t> key)
    : state_(kInitial), output_bytes_(output_bytes) {
    assert(output_bytes >= 1 && output_bytes <= kBlake2sBytes && key.size() <= kBlake2sBytes);
    // Parameter block (RFC 7693, section 2.5): fanout 1, depth 1, no tree.
    state_[0] ^=
        0x01010000 ^ static_cast<std::uint32_t>(key.size() << 8) ^ static_cast<std::uint32_t>(output_bytes);
    if (!key.empty()) {
        std::ranges::copy(key, block_.begin());
        filled_ = kBlake2sBlockBytes;
    }
}

Blake2s::~Blake2s() {
    sodium_memzero(state_.data(), sizeof(state_));
    sodium_memzero(block_.data(), sizeof(block_));
}

Blake2s& Blake2s::update(std::span<const std::uint8_t> input) {
    while (!input.empty()) {
        // A full block waits for more input: the last one is compressed differently.
        if (filled_ == kBlake2sBlockBytes) compress(false);
        const std::size_t taken = std::min(kBlake2sBlockBytes - filled_, input.size());
        std::memcpy(block_.data() + filled_, input.data(), taken);
        filled_ += taken;
        input = input.subspan(taken);
    }
    return *this;
}

void Blake2s::finish(std::span<std::uint8_t> out) {
    assert(out.size() == output_bytes_);
    std::fill(block_.begin() + static_cast<std::ptrdiff_t>(filled_), block_.end(), std::uint8_t{0});
    compress(true);
    std::array<Le32, 8> words{};
    std::ranges::transform(state_, words.begin(), [](std::uint32_t word) { return Le32(word); });
    std::memcpy(out.data(), words.data(), out.size());
    sodium_memzero(words.data(), sizeof(words));
}

void Blake2s::compress(bool last) {
    count_ += filled_;
    filled_ = 0;

    std::array<Le32, 16> wire;
    std::memcpy(wire.data(), block_.data(), sizeof(wire));
    Words m;
    std::ranges::transform(wire, m.begin(), [](Le32 word) { return word.host(); });

    Words v;
    std::ranges::copy(state_, v.begin());
    std::ranges::copy(kInitial, v.begin() + 8);
    v[12] ^= static_cast<std::uint32_t>(count_);
    v[13] ^= static_cast<std::uint32_t>(count_ >> 32);
    if (last) v[14] = ~v[14];

#pragma GCC unroll 10
    for (const auto& order : kSigma) {
        round(v, m, order);
    }
    for (std::size_t i = 0; i < state_.size(); ++i) {
        state_[i] ^= v[i] ^ v[i + 8];
    }
}

void blake2s(std::span<std::uint8_t> out, std::span<const std::uint8_t> input,
             std::span<const std::uint8_t> key) {
    Blake2s(out.size(), key).update(input).finish(out);
}

HmacBlake2s::HmacBlake2s(std::span<const std::uint8_t> key) : padded_key_(pad_key(key)) {
    flip(padded_key_, kInnerPad);
    inner_.update(padded_key_);
}

HmacBlake2s::~HmacBlake2s() {
    sodium_memzero(padded_key_.data(), sizeof(padded_key_));
}

HmacBlake2s& HmacBlake2s::update(std::span<const std::uint8_t> input) {
    inner_.update(input);
    return *this;
}

void HmacBlake2s::finish(std::span<std::uint8_t, kBlake2sBytes> out) {
    inner_.finish(out);
    flip(padded_key_, kInnerPad ^ kOuterPad);
    Blake2s outer;
    outer.update(padded_key_).update(out).finish(out);
}

}  // namespace ringway::crypto
