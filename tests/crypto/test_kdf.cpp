#include <doctest/doctest.h>

#include <numeric>
#include <string_view>

#include "crypto/kdf.h"
#include "tests/crypto/hex.h"

using namespace ringway::crypto;
using ringway::tests::Buffer;
using ringway::tests::from_hex;
using ringway::tests::to_buffer;

namespace {

struct KdfCase {
    Buffer input;
    std::string_view t1;
    std::string_view t2;
    std::string_view t3;
};

// Made with Python's hmac and hashlib.blake2s from the definition in the WireGuard paper, section 5.4.
const KdfCase kCases[] = {
    {Buffer{}, "7a38c34bf2b8738d7374ca77c44ecb309a11d2b2528304fa86052c365e722624",
     "1a17621f346abdc520746a9fb64d8eb03231d674fc15687537b0780fd9c060fd",
     "4eaf02809ac4b930ef63479de62275f1c55656e61f78a3cc653c18a2223d6c5f"},
    {Buffer(32, 0x42), "0ea6f0217a53befc18a7e7527be9bb465ec1478b4571f3efb0d9feece725111a",
     "d22a7819cf2532eb3d8ddb0f736fa3b3ac1d0e19438e8bf9145c2239a1fc2ed2",
     "e0b211c1ae3cad7137edfc7b7cee82cbc376bd387ef7fd4308c04812b2bfa7a8"},
    {Buffer(148, 0xa5), "4dd1a9d7de70fd7cd67fbfd9afdcdebd4fc6bbc3fc76ab8ec04f30ee8d9162e4",
     "c42ed9bb69807ecf19b22a29b8c88752257182283c541a5cd346bdf6d5c71c59",
     "9b98331e78698204d882faf1e2de96334f9ac290c1602748fec6e4f6c43d2380"},
};

/// 0, 1, ... 31.
KeyMaterial chaining_key() {
    KeyMaterial key;
    std::iota(key.span().begin(), key.span().end(), std::uint8_t{0});
    return key;
}

}  // namespace

TEST_CASE("Kdf1, Kdf2 and Kdf3 are prefixes of one another and agree with Python") {
    for (const auto& c : kCases) {
        KeyMaterial t1;
        kdf1(t1, chaining_key(), c.input);
        CHECK(to_buffer(t1.span()) == from_hex(c.t1));

        KeyMaterial u1;
        SymmetricKey u2;
        kdf2(u1, u2, chaining_key(), c.input);
        CHECK(to_buffer(u1.span()) == from_hex(c.t1));
        CHECK(to_buffer(u2.span()) == from_hex(c.t2));

        KeyMaterial v1;
        KeyMaterial v2;
        SymmetricKey v3;
        kdf3(v1, v2, v3, chaining_key(), c.input);
        CHECK(to_buffer(v1.span()) == from_hex(c.t1));
        CHECK(to_buffer(v2.span()) == from_hex(c.t2));
        CHECK(to_buffer(v3.span()) == from_hex(c.t3));
    }
}

TEST_CASE("an output of the Kdf may be its chaining key or its input") {
    KeyMaterial key = chaining_key();
    SymmetricKey second;
    kdf2(key, second, key, kCases[1].input);
    CHECK(to_buffer(key.span()) == from_hex(kCases[1].t1));
    CHECK(to_buffer(second.span()) == from_hex(kCases[1].t2));

    KeyMaterial input;
    std::ranges::copy(kCases[1].input, input.span().begin());
    kdf1(input, chaining_key(), input.span());
    CHECK(to_buffer(input.span()) == from_hex(kCases[1].t1));
}
