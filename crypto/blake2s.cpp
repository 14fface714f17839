#include "crypto/blake2s.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>

#include "crypto/blake2s_compress.h"
#include "crypto/endian.h"
#include "crypto/wipe.h"

namespace ringway::crypto {
namespace {

using Block = std::array<std::uint8_t, kBlake2sBlockBytes>;

Block pad_key(std::span<const std::uint8_t> key) {
    Block padded{};
    if (key.size() > padded.size()) {
        blake2s(std::span(padded).first<kBlake2sBytes>(), key);
    } else {
        std::ranges::copy(key, padded.begin());
    }
    return padded;
}

void flip(Block& bytes, std::uint8_t with) {
    for (auto& byte : bytes)
        byte ^= with;
}

constexpr std::uint8_t kInnerPad = 0x36;
constexpr std::uint8_t kOuterPad = 0x5c;

}  // namespace

Blake2s::Blake2s(std::size_t output_bytes, std::span<const std::uint8_t> key)
    : state_(std::to_array(kBlake2sInitial)), output_bytes_(output_bytes) {
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
    wipe(state_.data(), sizeof(state_));
    wipe(block_.data(), sizeof(block_));
}

Blake2s& Blake2s::update(std::span<const std::uint8_t> input) {
    // A full block waits until there is more: the last one is compressed differently.
    const std::size_t room = block_.size() - filled_;
    if (input.size() > room) {
        if (filled_ > 0) {
            std::memcpy(block_.data() + filled_, input.data(), room);
            compress(block_.data(), block_.size(), false);
            filled_ = 0;
            input = input.subspan(room);
        }
        for (; input.size() > block_.size(); input = input.subspan(block_.size()))
            compress(input.data(), block_.size(), false);
    }
    if (!input.empty()) std::memcpy(block_.data() + filled_, input.data(), input.size());
    filled_ += input.size();
    return *this;
}

void Blake2s::finish(std::span<std::uint8_t> out) {
    assert(out.size() == output_bytes_);
    std::fill(block_.begin() + static_cast<std::ptrdiff_t>(filled_), block_.end(), std::uint8_t{0});
    compress(block_.data(), filled_, true);
    if constexpr (std::endian::native != std::endian::little) {
        for (auto& word : state_)
            word = Le32(word).raw();
    }
    std::memcpy(out.data(), state_.data(), out.size());
}

void Blake2s::compress(const std::uint8_t* block, std::size_t bytes, bool last) {
    count_ += bytes;
    if (has_blake2s_avx512()) {
        blake2s_compress_avx512(state_.data(), block, count_, last);
    } else {
        blake2s_compress_portable(state_.data(), block, count_, last);
    }
}

void blake2s(std::span<std::uint8_t> out, std::span<const std::uint8_t> input,
             std::span<const std::uint8_t> key) {
    Blake2s(out.size(), key).update(input).finish(out);
}

HmacBlake2sKey::HmacBlake2sKey(std::span<const std::uint8_t> key) {
    Block padded = pad_key(key);
    const auto hash_block = [&padded](Blake2s::State& state) {
        Blake2s hash;
        hash.compress(padded.data(), padded.size(), false);
        state = hash.state_;
    };
    flip(padded, kOuterPad);
    hash_block(outer_);
    flip(padded, kOuterPad ^ kInnerPad);
    hash_block(inner_);
    inner_block_ = padded;
    wipe(padded.data(), padded.size());
}

HmacBlake2sKey::~HmacBlake2sKey() {
    wipe(inner_block_.data(), sizeof(inner_block_));
    wipe(inner_.data(), sizeof(inner_));
    wipe(outer_.data(), sizeof(outer_));
}

HmacBlake2s& HmacBlake2s::update(std::span<const std::uint8_t> input) {
    inner_.update(input);
    is_empty_ = is_empty_ && input.empty();
    return *this;
}

void HmacBlake2s::finish(std::span<std::uint8_t, kBlake2sBytes> out) {
    if (is_empty_) {
        blake2s(out, key_.inner_block_);
    } else {
        inner_.finish(out);
    }
    Blake2s(key_.outer_).update(out).finish(out);
}

}  // namespace ringway::crypto
