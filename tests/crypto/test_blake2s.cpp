#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>
#include <vector>

#include "crypto/blake2s.h"
#include "crypto/blake2s_compress.h"
#include "tests/crypto/hex.h"
#include "tests/support/seeded_random.h"

using namespace ringway;
using tests::Buffer;
using tests::bytes_of;
using tests::from_hex;

namespace {

/// 0, 1, 2, ...
Buffer counting(std::size_t size) {
    Buffer out(size);
    std::iota(out.begin(), out.end(), std::uint8_t{0});
    return out;
}

Buffer hash(std::size_t size, std::span<const std::uint8_t> input, std::span<const std::uint8_t> key = {}) {
    Buffer out(size);
    crypto::blake2s(out, input, key);
    return out;
}

/// The deterministic sequence of RFC 7693, appendix E.
Buffer self_test_sequence(std::size_t size, std::uint32_t seed) {
    std::uint32_t a = 0xdead4bad * seed;
    std::uint32_t b = 1;
    Buffer out;
    for (std::size_t i = 0; i < size; ++i) {
        const std::uint32_t sum = a + b;
        a = b;
        b = sum;
        out.push_back(static_cast<std::uint8_t>(sum >> 24));
    }
    return out;
}

/// Every compression function that this CPU can run.
std::vector<crypto::Blake2sCompress*> compressions() {
    std::vector<crypto::Blake2sCompress*> all = {&crypto::blake2s_compress_portable};
    if (crypto::has_blake2s_avx512()) all.push_back(&crypto::blake2s_compress_avx512);
    return all;
}

/// A whole hash made with one of them.
Buffer hash_by(crypto::Blake2sCompress* compress, std::size_t size, Buffer input, Buffer key = {}) {
    auto state = std::to_array(crypto::kBlake2sInitial);
    state[0] ^= static_cast<std::uint32_t>(0x01010000 ^ key.size() << 8 ^ size);
    if (!key.empty()) {
        key.resize(64);
        input.insert(input.begin(), key.begin(), key.end());
    }
    const std::size_t bytes = input.size();
    input.resize(std::max<std::size_t>(1, (bytes + 63) / 64) * 64);
    for (std::size_t at = 64; at < input.size(); at += 64)
        compress(state.data(), &input[at - 64], at, false);
    compress(state.data(), &input[input.size() - 64], bytes, true);
    Buffer out(32);
    std::memcpy(out.data(), state.data(), 32);  // on little-endian machines
    out.resize(size);
    return out;
}

Buffer hmac(std::span<const std::uint8_t> key, std::span<const std::uint8_t> input) {
    std::array<std::uint8_t, 32> out{};
    crypto::HmacBlake2s(crypto::HmacBlake2sKey(key)).update(input).finish(out);
    return {out.begin(), out.end()};
}

}  // namespace

TEST_CASE("BLAKE2s-256 of 'abc' is that of RFC 7693, appendix B") {
    CHECK(hash(32, bytes_of("abc")) ==
          from_hex("508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982"));
}

TEST_CASE("BLAKE2s passes the self-test of RFC 7693, appendix E: plain and keyed, all sizes") {
    crypto::Blake2s all(32);
    for (const std::size_t size : {16, 20, 28, 32}) {
        for (const std::size_t length : {0, 3, 64, 65, 255, 1024}) {
            const Buffer input = self_test_sequence(length, static_cast<std::uint32_t>(length));
            all.update(hash(size, input));
            const Buffer key = self_test_sequence(size, static_cast<std::uint32_t>(size));
            all.update(hash(size, input, key));
        }
    }
    Buffer result(32);
    all.finish(result);
    CHECK(result == from_hex("6a411f08ce25adcdfb02aba641451cec53c598b24f4fc787fbdc88797f4c1dfe"));
}

TEST_CASE("every compression function passes the self-test of RFC 7693, appendix E") {
    for (auto* compress : compressions()) {
        Buffer all;
        const auto add = [&](const Buffer& one) { all.insert(all.end(), one.begin(), one.end()); };
        for (const std::size_t size : {16, 20, 28, 32}) {
            for (const std::size_t length : {0, 3, 64, 65, 255, 1024}) {
                const Buffer input = self_test_sequence(length, static_cast<std::uint32_t>(length));
                add(hash_by(compress, size, input));
                add(hash_by(compress, size, input,
                            self_test_sequence(size, static_cast<std::uint32_t>(size))));
            }
        }
        CHECK(hash_by(compress, 32, all) ==
              from_hex("6a411f08ce25adcdfb02aba641451cec53c598b24f4fc787fbdc88797f4c1dfe"));
    }
}

TEST_CASE("all compression functions agree on any state, block and count") {
    tests::SeededRandom random(7693);
    for (int i = 0; i < 2000; ++i) {
        std::array<std::uint8_t, 64 + 32 + 8> bytes{};
        random.fill(bytes);
        std::array<std::uint32_t, 8> first{};
        std::uint64_t count = 0;
        std::memcpy(first.data(), &bytes[64], 32);
        std::memcpy(&count, &bytes[96], 8);
        auto expected = first;
        crypto::blake2s_compress_portable(expected.data(), bytes.data(), count, i % 2 == 0);
        for (auto* compress : compressions()) {
            auto state = first;
            compress(state.data(), bytes.data(), count, i % 2 == 0);
            CHECK(state == expected);
        }
    }
}

TEST_CASE("BLAKE2s does not depend on how the input is cut into pieces") {
    const Buffer input = self_test_sequence(300, 7);
    const Buffer whole = hash(32, input);
    for (std::size_t step = 1; step <= 130; ++step) {
        crypto::Blake2s pieces(32);
        for (std::size_t at = 0; at < input.size(); at += step) {
            pieces.update(std::span(input).subspan(at, std::min(step, input.size() - at)));
        }
        Buffer out(32);
        pieces.finish(out);
        CHECK_MESSAGE(out == whole, "pieces of ", step);
    }
}

TEST_CASE("an HMAC key that was made ready once serves any number of inputs") {
    const crypto::HmacBlake2sKey key(counting(32));
    for (std::size_t size = 0; size < 130; ++size) {
        Buffer out(32);
        crypto::HmacBlake2s(key).update(counting(size)).finish(std::span<std::uint8_t, 32>(out));
        CHECK(out == hmac(counting(32), counting(size)));
    }
}

// Python: hmac.new(key, input, hashlib.blake2s).hexdigest()
TEST_CASE("HMAC-BLAKE2s agrees with Python's hmac, keys shorter and longer than a block") {
    CHECK(hmac(Buffer{}, Buffer{}) ==
          from_hex("eaf4bb25938f4d20e72656bbbc7a9bf63c0c18537333c35bdb67db1402661acd"));
    CHECK(hmac(bytes_of("key"), bytes_of("The quick brown fox")) ==
          from_hex("8717096fc5e7ac53d11d990acd4380c9ddd7bd8da5d8b5bc29855e6c98a866a4"));
    CHECK(hmac(counting(32), counting(100)) ==
          from_hex("a81c95080ba2a7c4ed1b7b4c21dec2c4fd6dc9f03ff37b6d65289dc95a7d1ef1"));
    CHECK(hmac(counting(64), bytes_of("one block")) ==
          from_hex("f6b4e3e35e71f2e2b2726175e76627d54264e9a57a8bd1888f0477e99ee39029"));
    CHECK(hmac(counting(65), bytes_of("hashed first")) ==
          from_hex("6907e5d0fbe992d71e730d1152bfd05813ddd7b9cb982944fa6ce3445704a93b"));
    CHECK(hmac(counting(200), Buffer(300)) ==
          from_hex("172d9acb5fb1eb816c85194703f12763464862920ff75eea754e180273c8abd6"));
}
