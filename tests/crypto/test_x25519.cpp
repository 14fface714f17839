#include <doctest/doctest.h>

#include <utility>

#include "crypto/x25519.h"
#include "tests/crypto/hex.h"
#include "tests/support/seeded_random.h"

using namespace ringway::crypto;
using ringway::tests::array_from_hex;
using ringway::tests::Buffer;
using ringway::tests::from_hex;
using ringway::tests::key_from_hex;
using ringway::tests::SeededRandom;
using ringway::tests::to_buffer;

namespace {

PublicKey public_key(std::string_view hex) {
    return {array_from_hex<32>(hex)};
}

Buffer diffie_hellman(const PrivateKey& ours, const PublicKey& theirs) {
    KeyMaterial out;
    REQUIRE(x25519(out, ours, theirs));
    return to_buffer(out.span());
}

/// RFC 7748, section 5.2: scalar and point both start as 9; each result is the next scalar, each
/// scalar the next point.
Buffer iterate(int times) {
    PublicKey point{{9}};
    PrivateKey scalar(point.bytes);
    for (int i = 0; i < times; ++i) {
        KeyMaterial result;
        REQUIRE(x25519(result, scalar, point));
        std::ranges::copy(scalar.span(), point.bytes.begin());
        scalar = PrivateKey(std::as_const(result).span());
    }
    return to_buffer(scalar.span());
}

}  // namespace

TEST_CASE("X25519 gives the results of RFC 7748, section 5.2") {
    CHECK(diffie_hellman(
              key_from_hex<PrivateKey>("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4"),
              public_key("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c")) ==
          from_hex("c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"));
    CHECK(diffie_hellman(
              key_from_hex<PrivateKey>("4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d"),
              public_key("e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493")) ==
          from_hex("95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957"));
}

TEST_CASE("X25519 gives the results of RFC 7748, section 5.2, after 1 and after 1,000 iterations") {
    CHECK(iterate(1) == from_hex("422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079"));
    CHECK(iterate(1000) == from_hex("684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51"));
}

TEST_CASE("X25519 gives the public keys and the shared secret of RFC 7748, section 6.1") {
    const auto alice =
        key_from_hex<PrivateKey>("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
    const auto bob =
        key_from_hex<PrivateKey>("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
    CHECK(x25519_base(alice) ==
          public_key("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"));
    CHECK(x25519_base(bob) == public_key("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"));
    const Buffer shared = from_hex("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
    CHECK(diffie_hellman(bob, x25519_base(alice)) == shared);
    CHECK(diffie_hellman(alice, x25519_base(bob)) == shared);
}

TEST_CASE("X25519 refuses a point of low order, its top bit set or not, and leaves zeros") {
    SeededRandom random(7748);
    for (const char* point : {
             "0000000000000000000000000000000000000000000000000000000000000000",
             "0100000000000000000000000000000000000000000000000000000000000000",
             "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
             "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
             "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
             "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
             "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
         }) {
        for (const std::uint8_t top : {0x00, 0x80}) {
            PublicKey low = public_key(point);
            low.bytes[31] |= top;
            KeyMaterial out;
            random.fill(out.span());
            CHECK_FALSE(x25519(out, generate_private_key(random), low));
            CHECK(out.is_zero());
        }
    }
}

TEST_CASE("clamping fixes five bits and changes neither the public key nor a shared secret") {
    SeededRandom random(1);
    PrivateKey raw;
    random.fill(raw.span());
    raw.data()[0] |= 7;
    raw.data()[31] |= 0x80;
    raw.data()[31] &= 0xbf;
    PrivateKey clamped = raw.copy();
    clamp(clamped);
    CHECK((clamped.data()[0] & 7) == 0);
    CHECK((clamped.data()[31] & 0xc0) == 0x40);
    CHECK_FALSE(clamped.equals(raw));
    CHECK(x25519_base(clamped) == x25519_base(raw));

    const PublicKey other = x25519_base(generate_private_key(random));
    CHECK(diffie_hellman(clamped, other) == diffie_hellman(raw, other));
}

TEST_CASE("a generated private key comes from the given randomness and is clamped") {
    SeededRandom one(5);
    SeededRandom same(5);
    PrivateKey key = generate_private_key(one);
    PrivateKey again = generate_private_key(same);
    CHECK(key.equals(again));
    CHECK_FALSE(key.equals(generate_private_key(one)));
    clamp(again);
    CHECK(key.equals(again));
}
