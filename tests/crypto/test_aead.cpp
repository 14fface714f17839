#include <doctest/doctest.h>

#include "crypto/aead.h"
#include "crypto/simd/kernels.h"
#include "crypto/xaead.h"
#include "tests/crypto/hex.h"
#include "tests/crypto/kernel_aead.h"

using namespace ringway::crypto;
using ringway::tests::array_from_hex;
using ringway::tests::Buffer;
using ringway::tests::bytes_of;
using ringway::tests::from_hex;
using ringway::tests::KernelAead;
using ringway::tests::key_from_hex;

namespace {

const char* const kSunscreen =
    "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, "
    "sunscreen would be it.";
const char* const kKey = "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f";
const char* const kAdditionalData = "50515253c0c1c2c3c4c5c6c7";

// RFC 8439, section 2.8.2.
const char* const kSealed =
    "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6"
    "3dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36"
    "92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc"
    "3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd0600691";

// The XChaCha20-Poly1305 draft (draft-irtf-cfrg-xchacha, appendix A.3.1), the same text.
const char* const kXNonce = "404142434445464748494a4b4c4d4e4f5051525354555657";
const char* const kXSealed =
    "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb"
    "731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54c216cb96b72e1213b452"
    "2f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9"
    "21f9664c97637da9768812f615c68b13b52ec0875924c1c7987947deafd8780acf49";

}  // namespace

TEST_CASE("the single AEAD gives the result of RFC 8439, section 2.8.2, and opens it") {
    const auto key = key_from_hex<SymmetricKey>(kKey);
    const AeadNonce nonce(array_from_hex<12>("070000004041424344454647"));
    const Buffer plaintext = bytes_of(kSunscreen);
    Buffer sealed(plaintext.size() + kTagBytes);
    aead_seal(sealed, key, nonce, plaintext, from_hex(kAdditionalData));
    CHECK(sealed == from_hex(kSealed));

    Buffer opened(plaintext.size());
    CHECK(aead_open(opened, key, nonce, sealed, from_hex(kAdditionalData)));
    CHECK(opened == plaintext);
}

TEST_CASE("every kernel of the multi-buffer AEAD gives the result of RFC 8439, section 2.8.2") {
    const auto key = key_from_hex<SymmetricKey>(kKey);
    const AeadNonce nonce(array_from_hex<12>("070000004041424344454647"));
    for (const simd::Kernel* kernel : simd::usable_kernels()) {
        CAPTURE(kernel->name);
        for (const auto lane : {KernelAead::Lane::block, KernelAead::Lane::packet}) {
            CHECK(
                KernelAead(*kernel, lane).seal(key, nonce, bytes_of(kSunscreen), from_hex(kAdditionalData)) ==
                from_hex(kSealed));
        }
    }
}

TEST_CASE("the single AEAD opens the message of RFC 8439, appendix A.5, whose nonce is a counter") {
    const auto key =
        key_from_hex<SymmetricKey>("1c9240a5eb55d38af333888604f6b5f0473917c1402b80099dca5cbc207075c0");
    const Buffer sealed = from_hex(
        "64a0861575861af460f062c79be643bd5e805cfd345cf389f108670ac76c8cb24c6cfc18755d43eea09ee94e382d26b0"
        "bdb7b73c321b0100d4f03b7f355894cf332f830e710b97ce98c8a84abd0b948114ad176e008d33bd60f982b1ff37c855"
        "9797a06ef4f0ef61c186324e2b3506383606907b6a7c02b0f9f6157b53c867e4b9166c767b804d46a59b5216cde7a4e9"
        "9040c5a40433225ee282a1b0a06c523eaf4534d7f83fa1155b0047718cbc546a0d072b04b3564eea1b422273f548271a"
        "0bb2316053fa76991955ebd63159434ecebb4e466dae5a1073a6727627097a1049e617d91d361094fa68f0ff77987130"
        "305beaba2eda04df997b714d6c6f2c29a6ad5cb4022b02709beead9d67890cbb22392336fea1851f38");
    Buffer opened(sealed.size() - kTagBytes);
    const std::uint64_t counter = 0x0807060504030201;
    CHECK(aead_open(opened, key, counter, sealed, from_hex("f33388860000000000004e91")));
    CHECK(std::string(opened.begin(), opened.begin() + 50) ==
          "Internet-Drafts are draft documents valid for a ma");
}

TEST_CASE("XChaCha20-Poly1305 gives the result of its draft, appendix A.3.1, and opens it") {
    const auto key = array_from_hex<32>(kKey);
    const auto nonce = array_from_hex<24>(kXNonce);
    const Buffer plaintext = bytes_of(kSunscreen);
    Buffer sealed(plaintext.size() + kTagBytes);
    xaead_seal(sealed, key, nonce, plaintext, from_hex(kAdditionalData));
    CHECK(sealed == from_hex(kXSealed));

    Buffer opened(plaintext.size());
    CHECK(xaead_open(opened, key, nonce, sealed, from_hex(kAdditionalData)));
    CHECK(opened == plaintext);
}

TEST_CASE("a message with one wrong bit anywhere, or other additional data, does not open and leaves zeros") {
    const auto key = key_from_hex<SymmetricKey>(kKey);
    const auto xkey = array_from_hex<32>(kKey);
    const auto xnonce = array_from_hex<24>(kXNonce);
    const Buffer data = from_hex(kAdditionalData);
    const Buffer plaintext = bytes_of("a timestamp!");
    Buffer sealed(plaintext.size() + kTagBytes);
    Buffer xsealed(sealed.size());
    aead_seal(sealed, key, 0, plaintext, data);
    xaead_seal(xsealed, xkey, xnonce, plaintext, data);
    const Buffer zeros(plaintext.size());

    for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
        const auto flip = static_cast<std::uint8_t>(1 << (bit % 8));
        Buffer out(plaintext.size(), 0xee);
        sealed[bit / 8] ^= flip;
        CHECK_FALSE(aead_open(out, key, 0, sealed, data));
        CHECK(out == zeros);
        sealed[bit / 8] ^= flip;

        out.assign(plaintext.size(), 0xee);
        xsealed[bit / 8] ^= flip;
        CHECK_FALSE(xaead_open(out, xkey, xnonce, xsealed, data));
        CHECK(out == zeros);
        xsealed[bit / 8] ^= flip;
    }
    Buffer out(plaintext.size(), 0xee);
    CHECK_FALSE(aead_open(out, key, 0, sealed, {}));
    CHECK(out == zeros);
    CHECK_FALSE(aead_open(out, key, 1, sealed, data));
    CHECK_FALSE(xaead_open(out, xkey, xnonce, xsealed, {}));
    CHECK(aead_open(out, key, 0, sealed, data));
    CHECK(xaead_open(out, xkey, xnonce, xsealed, data));
}

TEST_CASE("an empty message has a tag; what is shorter than a tag, or of another length, does not open") {
    const auto key = key_from_hex<SymmetricKey>(kKey);
    Buffer sealed(kTagBytes);
    aead_seal(sealed, key, 3, {}, {});
    CHECK(aead_open({}, key, 3, sealed, {}));
    CHECK_FALSE(aead_open({}, key, 3, std::span(sealed).first(15), {}));
    CHECK_FALSE(aead_open({}, key, 3, {}, {}));
    Buffer too_long(1, 0xee);
    CHECK_FALSE(aead_open(too_long, key, 3, sealed, {}));
    CHECK(too_long[0] == 0);
}

TEST_CASE("sealing and opening may happen in place") {
    const auto key = key_from_hex<SymmetricKey>(kKey);
    const Buffer plaintext = bytes_of(kSunscreen);
    Buffer buffer = plaintext;
    buffer.resize(plaintext.size() + kTagBytes);
    const std::span<std::uint8_t> text = std::span(buffer).first(plaintext.size());
    aead_seal(buffer, key, 1, text, {});
    CHECK(aead_open(text, key, 1, buffer, {}));
    CHECK(std::ranges::equal(text, plaintext));
}
