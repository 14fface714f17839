// The batch against public vectors, against libsodium, and path against path.

#include <doctest/doctest.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "crypto/x25519.h"
#include "crypto/x25519_batch.h"
#include "tests/crypto/hex.h"
#include "tests/crypto/two_sides.h"
#include "tests/support/seeded_random.h"

namespace ringway::crypto {
namespace {

using tests::SeededRandom;

std::vector<X25519Path> paths() {
    std::vector<X25519Path> all = {X25519Path::scalar};
    if (best_x25519_path() != X25519Path::scalar) all.push_back(best_x25519_path());
    return all;
}

/// Keys of a batch and room for its results.
struct Batch {
    explicit Batch(std::size_t size) : private_keys(size), public_keys(size), shared(size) {}

    void run(X25519Path path) {
        std::vector<X25519Job> jobs;
        for (std::size_t i = 0; i < shared.size(); ++i)
            jobs.push_back(X25519Job::shared(shared[i], private_keys[i], public_keys[i]));
        x25519_batch(jobs, path);
    }
    /// Every result is libsodium's, through the function for one pair of keys.
    [[nodiscard]] std::size_t wrong() const {
        std::size_t count = 0;
        for (std::size_t i = 0; i < shared.size(); ++i) {
            KeyMaterial expected;
            (void)x25519(expected, private_keys[i], public_keys[i]);
            count += shared[i].equals(expected) ? 0 : 1;
        }
        return count;
    }

    std::vector<PrivateKey> private_keys;
    std::vector<PublicKey> public_keys;
    std::vector<KeyMaterial> shared;
};

Batch random_batch(std::size_t size, SeededRandom& random) {
    Batch batch(size);
    for (std::size_t i = 0; i < size; ++i) {
        random.fill(batch.private_keys[i].span());
        random.fill(batch.public_keys[i].bytes);
        random.fill(batch.shared[i].span());
    }
    return batch;
}

/// 2,000, or what RINGWAY_X25519_CASES says: 100,000 take some seconds.
std::size_t cases() {
    const char* wanted = std::getenv("RINGWAY_X25519_CASES");
    return wanted == nullptr ? 2'000 : std::stoul(wanted);
}

TEST_CASE("a batch gives what RFC 7748, section 5.2, says") {
    for (const X25519Path path : paths()) {
        Batch batch(2);
        batch.private_keys[0] = tests::key_from_hex<PrivateKey>(
            "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4");
        batch.public_keys[0].bytes =
            tests::array_from_hex<32>("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c");
        batch.private_keys[1] = tests::key_from_hex<PrivateKey>(
            "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d");
        batch.public_keys[1].bytes =
            tests::array_from_hex<32>("e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493");
        batch.run(path);
        CHECK(tests::to_buffer(batch.shared[0].span()) ==
              tests::from_hex("c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"));
        CHECK(tests::to_buffer(batch.shared[1].span()) ==
              tests::from_hex("95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957"));
    }
}

TEST_CASE("a batch gives what RFC 7748, section 5.2, says after 1,000 iterations, in every lane") {
    for (const X25519Path path : paths()) {
        Batch batch(8);
        for (std::size_t i = 0; i < 8; ++i) {
            batch.public_keys[i].bytes[0] = 9;
            batch.private_keys[i] = PrivateKey(batch.public_keys[i].bytes);
        }
        for (int i = 0; i < 1000; ++i) {
            batch.run(path);
            for (std::size_t lane = 0; lane < 8; ++lane) {
                std::ranges::copy(batch.private_keys[lane].span(), batch.public_keys[lane].bytes.begin());
                std::ranges::copy(batch.shared[lane].span(), batch.private_keys[lane].span().begin());
            }
        }
        for (const PrivateKey& key : batch.private_keys) {
            CHECK(tests::to_buffer(key.span()) ==
                  tests::from_hex("684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51"));
        }
    }
}

TEST_CASE("a batch gives what libsodium gives, for random keys and points") {
    SeededRandom random(25519);
    for (std::size_t done = 0; done < cases();) {
        Batch batch = random_batch(1 + random.below(200), random);
        batch.run(best_x25519_path());
        REQUIRE(batch.wrong() == 0);
        done += batch.shared.size();
    }
}

TEST_CASE("a batch of any size is done to its last job and no further") {
    SeededRandom random(8);
    for (const X25519Path path : paths()) {
        for (std::size_t size = 0; size <= 80; ++size) {
            Batch batch = random_batch(size + 1, random);
            const KeyMaterial untouched = batch.shared.back().copy();
            std::vector<X25519Job> jobs;
            for (std::size_t i = 0; i < size; ++i)
                jobs.push_back(
                    X25519Job::shared(batch.shared[i], batch.private_keys[i], batch.public_keys[i]));
            x25519_batch(jobs, path);
            CHECK(batch.shared.back().equals(untouched));
            CHECK(batch.wrong() == 1);
        }
    }
}

TEST_CASE("a point of low order gives zero and spoils no other job of its batch") {
    SeededRandom random(6);
    const auto low = tests::low_order_points();
    for (const X25519Path path : paths()) {
        // Alone in a vector, together in one, and in each lane of several that share an inversion.
        for (const std::size_t size : {2U, 14U, 70U}) {
            for (std::size_t first = 0; first < size; ++first) {
                Batch batch = random_batch(size, random);
                for (std::size_t i = first; i < size; i += 1 + random.below(20))
                    batch.public_keys[i] = low[random.below(low.size())];
                batch.public_keys[first] = low[first % low.size()];
                batch.run(path);
                CHECK(batch.shared[first].is_zero());
                CHECK(batch.wrong() == 0);
            }
        }
    }
}

/// 2^255 - 19 + `offset`, or 2^255 - 1 at most, little-endian.
PublicKey around_prime(int offset) {
    PublicKey key;
    key.bytes.fill(0xff);
    key.bytes[0] = static_cast<std::uint8_t>(0xed + offset);
    key.bytes[31] = 0x7f;
    return key;
}

TEST_CASE("a batch takes points that are not reduced, and ignores their top bit") {
    SeededRandom random(19);
    for (const X25519Path path : paths()) {
        for (int offset = -100; offset < 19; ++offset) {
            Batch batch = random_batch(16, random);
            for (std::size_t i = 0; i < 16; ++i) {
                batch.public_keys[i] = around_prime(offset);
                if (i % 2 == 1) {
                    batch.public_keys[i].bytes[31] |= 0x80;
                    batch.private_keys[i] = batch.private_keys[i - 1].copy();
                }
            }
            if (offset >= 0) batch.public_keys[0] = PublicKey{{static_cast<std::uint8_t>(offset)}};
            if (offset >= 0) batch.private_keys[0] = batch.private_keys[1].copy();
            batch.run(path);
            CHECK(batch.shared[0].equals(batch.shared[1]));
            CHECK(batch.wrong() == 0);
        }
    }
}

TEST_CASE("a batch takes scalars and points of extreme limbs") {
    constexpr std::array<std::uint8_t, 6> kBytes = {0x00, 0xff, 0x01, 0x80, 0x7f, 0xf8};
    SeededRandom random(51);
    for (int i = 0; i < 60; ++i) {
        Batch batch = random_batch(64, random);
        for (std::size_t job = 0; job < 64; ++job) {
            for (std::size_t at = 0; at < kKeyBytes; ++at) {
                batch.private_keys[job].data()[at] = kBytes[random.below(2 + job % 5)];
                batch.public_keys[job].bytes[at] = kBytes[random.below(2 + job % 5)];
            }
        }
        batch.run(best_x25519_path());
        REQUIRE(batch.wrong() == 0);
    }
}

TEST_CASE("a batch makes public keys, among shared secrets or alone") {
    SeededRandom random(9);
    for (const X25519Path path : paths()) {
        for (const std::size_t size : {1U, 2U, 7U, 8U, 70U}) {
            Batch batch = random_batch(size, random);
            std::vector<PublicKey> made(size);
            std::vector<X25519Job> jobs;
            for (std::size_t i = 0; i < size; ++i) {
                jobs.push_back(X25519Job::base(made[i], batch.private_keys[i]));
                if (i % 3 == 0) {
                    jobs.push_back(
                        X25519Job::shared(batch.shared[i], batch.private_keys[i], batch.public_keys[i]));
                } else {
                    (void)x25519(batch.shared[i], batch.private_keys[i], batch.public_keys[i]);
                }
            }
            x25519_batch(jobs, path);
            for (std::size_t i = 0; i < size; ++i)
                CHECK(made[i] == x25519_base(batch.private_keys[i]));
            CHECK(batch.wrong() == 0);
        }
    }
}

}  // namespace
}  // namespace ringway::crypto
