#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "crypto/blake2s.h"
#include "tests/crypto/hex.h"

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

Buffer hmac(std::span<const std::uint8_t> key, std::span<const std::uint8_t> input) {
    std::array<std::uint8_t, 32> out{};
    crypto::HmacBlake2s(key).update(input).finish(out);
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
