#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "crypto/aead.h"
#include "crypto/simd/kernels.h"
#include "crypto/x25519.h"
#include "crypto/x25519_batch.h"
#include "crypto/xaead.h"
#include "tests/crypto/hex.h"
#include "tests/crypto/kernel_aead.h"
#include "tests/crypto/plain_lanes.h"
#include "tests/crypto/wycheproof.h"

using namespace ringway::crypto;
using namespace ringway::tests;
using nlohmann::json;

namespace {

struct AeadVector {
    explicit AeadVector(const json& test)
        : id(test.at("tcId")),
          valid(test.at("result") == "valid"),
          key(test.at("key").get<std::string>()),
          nonce(test.at("iv").get<std::string>()),
          additional_data(from_hex(test.at("aad").get<std::string>())),
          plaintext(from_hex(test.at("msg").get<std::string>())),
          sealed(from_hex(test.at("ct").get<std::string>() + test.at("tag").get<std::string>())) {}

    int id;
    bool valid;
    std::string key;
    std::string nonce;
    Buffer additional_data;
    Buffer plaintext;
    Buffer sealed;
};

/// Runs a file's vectors through `seal(vector, out)` and `open(vector, out)`. Those with a nonce of
/// another size can't be put to functions whose types fix it. Returns how many were run.
template <typename Seal, typename Open>
int check_aead(const std::string& file, int nonce_bits, Seal seal, Open open) {
    int run = 0;
    for_each_vector(file, [&](const json& group, const json& test) {
        if (group.at("ivSize") != nonce_bits) return;
        const AeadVector vector(test);
        CAPTURE(vector.id);
        ++run;

        Buffer opened(vector.sealed.size() - kTagBytes, 0xee);
        CHECK(open(vector, opened) == vector.valid);
        CHECK(opened == (vector.valid ? vector.plaintext : Buffer(opened.size())));

        Buffer sealed(vector.plaintext.size() + kTagBytes);
        seal(vector, sealed);
        CHECK((sealed == vector.sealed) == vector.valid);
    });
    return run;
}

}  // namespace

TEST_CASE("the single AEAD passes Wycheproof's ChaCha20-Poly1305 vectors") {
    const int run = check_aead(
        "chacha20_poly1305_test.json", 96,
        [](const AeadVector& v, Buffer& out) {
            aead_seal(out, key_from_hex<SymmetricKey>(v.key), AeadNonce(array_from_hex<12>(v.nonce)),
                      v.plaintext, v.additional_data);
        },
        [](const AeadVector& v, Buffer& out) {
            return aead_open(out, key_from_hex<SymmetricKey>(v.key), AeadNonce(array_from_hex<12>(v.nonce)),
                             v.sealed, v.additional_data);
        });
    CHECK(run >= 316);
}

TEST_CASE("every kernel of the multi-buffer AEAD passes Wycheproof's ChaCha20-Poly1305 vectors") {
    std::vector<const simd::Kernel*> kernels(simd::usable_kernels().begin(), simd::usable_kernels().end());
    kernels.push_back(&PlainKernel<44>::kKernel);
    kernels.push_back(&PlainKernel<26>::kKernel);
    for (const simd::Kernel* kernel : kernels) {
        CAPTURE(kernel->name);
        for (const auto lane : {KernelAead::Lane::block, KernelAead::Lane::packet}) {
            const KernelAead aead(*kernel, lane);
            const auto seal = [&](const AeadVector& v, Buffer& out) {
                out = aead.seal(key_from_hex<SymmetricKey>(v.key), AeadNonce(array_from_hex<12>(v.nonce)),
                                v.plaintext, v.additional_data);
            };
            // A kernel does not open; what it makes of the plaintext is the sealed text, or that was forged.
            const auto open = [&](const AeadVector& v, Buffer& out) {
                Buffer sealed;
                seal(v, sealed);
                const bool is_right = sealed == v.sealed;
                out = is_right ? v.plaintext : Buffer(out.size());
                return is_right;
            };
            CHECK(check_aead("chacha20_poly1305_test.json", 96, seal, open) >= 316);
        }
    }
}

TEST_CASE("XChaCha20-Poly1305 passes Wycheproof's vectors") {
    const int run = check_aead(
        "xchacha20_poly1305_test.json", 192,
        [](const AeadVector& v, Buffer& out) {
            xaead_seal(out, array_from_hex<32>(v.key), array_from_hex<24>(v.nonce), v.plaintext,
                       v.additional_data);
        },
        [](const AeadVector& v, Buffer& out) {
            return xaead_open(out, array_from_hex<32>(v.key), array_from_hex<24>(v.nonce), v.sealed,
                              v.additional_data);
        });
    CHECK(run >= 306);
}

TEST_CASE("X25519 passes Wycheproof's vectors and refuses exactly those whose result is zero") {
    int run = 0;
    int refused = 0;
    for_each_vector("x25519_test.json", [&](const json&, const json& test) {
        const int id = test.at("tcId");
        CAPTURE(id);
        const Buffer expected = from_hex(test.at("shared").get<std::string>());
        const bool is_zero = std::ranges::all_of(expected, [](std::uint8_t byte) { return byte == 0; });
        KeyMaterial shared;
        const bool accepted = x25519(shared, key_from_hex<PrivateKey>(test.at("private").get<std::string>()),
                                     PublicKey{array_from_hex<32>(test.at("public").get<std::string>())});
        CHECK(accepted != is_zero);
        CHECK(to_buffer(shared.span()) == expected);
        ++run;
        refused += accepted ? 0 : 1;
    });
    CHECK(run >= 518);
    CHECK(refused >= 31);
}

TEST_CASE("a batch of all of Wycheproof's X25519 vectors passes") {
    std::vector<PrivateKey> private_keys;
    std::vector<PublicKey> public_keys;
    std::vector<Buffer> expected;
    for_each_vector("x25519_test.json", [&](const json&, const json& test) {
        private_keys.push_back(key_from_hex<PrivateKey>(test.at("private").get<std::string>()));
        public_keys.push_back({array_from_hex<32>(test.at("public").get<std::string>())});
        expected.push_back(from_hex(test.at("shared").get<std::string>()));
    });
    CHECK(expected.size() >= 518);
    std::vector<KeyMaterial> shared(expected.size());
    std::vector<X25519Job> jobs;
    for (std::size_t i = 0; i < expected.size(); ++i)
        jobs.push_back(X25519Job::shared(shared[i], private_keys[i], public_keys[i]));
    x25519_batch(jobs);
    for (std::size_t i = 0; i < expected.size(); ++i) {
        CAPTURE(i);
        CHECK(to_buffer(shared[i].span()) == expected[i]);
    }
}
