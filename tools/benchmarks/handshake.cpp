// bench-handshake [--json FILE] [--quick]: what a storm of handshakes is made of, against what it is compared
// to. One thread on one CPU. A machine that does other things gives lower rates, and the same ratios.

#include <openssl/evp.h>
#include <sodium.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "crypto/blake2s.h"
#include "crypto/cookie.h"
#include "crypto/random.h"
#include "crypto/x25519.h"
#include "crypto/x25519_batch.h"
#include "tools/benchmarks/report.h"
#include "tools/benchmarks/responder.h"

namespace {

using namespace ringway;
using bench::Result;
using crypto::X25519Path;

constexpr int kRounds = 101;
constexpr int kQuickRounds = 25;

template <typename T, void (*Free)(T*)>
struct Freed {
    void operator()(T* object) const { Free(object); }
};
template <typename T, void (*Free)(T*)>
using Owned = std::unique_ptr<T, Freed<T, Free>>;
using OwnedKey = Owned<EVP_PKEY, EVP_PKEY_free>;

void require(bool condition, const char* what) {
    if (!condition) throw std::runtime_error(what);
}

/// Keys of a batch as large as the handshake service makes them: 32 responses want three each.
struct Points {
    static constexpr std::size_t kCount = 96;

    Points() {
        for (std::size_t i = 0; i < kCount; ++i) {
            private_keys[i] = crypto::generate_private_key(random);
            public_keys[i] = crypto::x25519_base(crypto::generate_private_key(random));
            jobs[i] = crypto::X25519Job::shared(shared[i], private_keys[i], public_keys[i]);
        }
    }

    crypto::SystemRandom random;
    std::array<crypto::PrivateKey, kCount> private_keys;
    std::array<crypto::PublicKey, kCount> public_keys;
    std::array<crypto::KeyMaterial, kCount> shared;
    std::array<crypto::X25519Job, kCount> jobs;
};

/// OpenSSL's X25519 at its best: one context, nothing set up again.
class OpenSslX25519 {
  public:
    OpenSslX25519(const crypto::PrivateKey& ours, const crypto::PublicKey& theirs)
        : ours_(EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nullptr, ours.data(), 32)),
          theirs_(EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, theirs.bytes.data(), 32)),
          context_(EVP_PKEY_CTX_new(ours_.get(), nullptr)) {
        require(EVP_PKEY_derive_init(context_.get()) == 1 &&
                    EVP_PKEY_derive_set_peer(context_.get(), theirs_.get()) == 1,
                "OpenSSL has no X25519");
    }
    void derive() {
        std::size_t size = out_.size();
        require(EVP_PKEY_derive(context_.get(), out_.data(), &size) == 1, "EVP_PKEY_derive");
    }

  private:
    OwnedKey ours_, theirs_;
    Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free> context_;
    std::array<std::uint8_t, 32> out_{};
};

void nothing() {}

Result x25519_against_openssl(Points& points, int rounds) {
    OpenSslX25519 openssl(points.private_keys[0], points.public_keys[0]);
    Result result{.name = "x25519/batch", .unit = "op/s", .ratio_to = "OpenSSL EVP, context reused"};
    bench::alternate(
        result, rounds, nothing, Points::kCount, [&] { crypto::x25519_batch(points.jobs); }, 24,
        [&] {
            for (int i = 0; i < 24; ++i)
                openssl.derive();
        });
    return result;
}

Result x25519_against_sodium(Points& points, int rounds) {
    Result result{.name = "x25519/batch/libsodium", .unit = "op/s", .ratio_to = "libsodium"};
    bench::alternate(
        result, rounds, nothing, Points::kCount, [&] { crypto::x25519_batch(points.jobs); }, 24,
        [&] { crypto::x25519_batch(std::span(points.jobs).first(24), X25519Path::scalar); });
    return result;
}

Result blake2s_against_openssl(int rounds) {
    constexpr std::size_t kHashes = 2000;
    std::array<std::uint8_t, 64> input{};
    std::array<std::uint8_t, 32> out{};
    const Owned<EVP_MD_CTX, EVP_MD_CTX_free> context(EVP_MD_CTX_new());
    Result result{.name = "blake2s/64", .unit = "op/s", .ratio_to = "OpenSSL EVP, context reused"};
    // Each input is made of the hash before it: handshakes hash one thing after another.
    bench::alternate(
        result, rounds, nothing, kHashes,
        [&] {
            for (std::size_t i = 0; i < kHashes; ++i) {
                crypto::blake2s(out, input);
                std::memcpy(input.data(), out.data(), out.size());
            }
        },
        kHashes,
        [&] {
            for (std::size_t i = 0; i < kHashes; ++i) {
                require(EVP_DigestInit_ex2(context.get(), EVP_blake2s256(), nullptr) == 1 &&
                            EVP_DigestUpdate(context.get(), input.data(), input.size()) == 1 &&
                            EVP_DigestFinal_ex(context.get(), out.data(), nullptr) == 1,
                        "OpenSSL has no BLAKE2s");
                std::memcpy(input.data(), out.data(), out.size());
            }
        });
    return result;
}

/// Initiations of many peers, made anew for each round.
class Storm {
  public:
    static constexpr std::size_t kPeers = 64;

    Storm() : gateway_(crypto::LocalIdentity::from(crypto::generate_private_key(random_))) {
        for (std::size_t i = 0; i < kPeers; ++i) {
            peers_.push_back(crypto::LocalIdentity::from(crypto::generate_private_key(random_)));
            gateway_of_.push_back(crypto::RemoteIdentity::from(peers_[i], gateway_.public_key, {}));
            public_keys_.push_back(peers_[i].public_key);
        }
        messages_.resize(kPeers);
        arrivals_.resize(kPeers);
    }

    [[nodiscard]] const crypto::PrivateKey& gateway_key() const { return gateway_.private_key; }
    [[nodiscard]] const std::vector<crypto::PublicKey>& peers() const { return public_keys_; }
    [[nodiscard]] const std::vector<control::protocol::HandshakeArrival>& arrivals() const {
        return arrivals_;
    }
    /// When they arrive; more than 20 ms after those before.
    [[nodiscard]] bench::Nanoseconds now() const { return now_; }

    void begin() {
        now_ += 1'000'000'000;
        crypto::Tai64n timestamp{};
        for (int i = 0; i < 8; ++i)
            timestamp.bytes[i] = static_cast<std::uint8_t>(now_ >> (56 - 8 * i));
        for (std::size_t i = 0; i < kPeers; ++i) {
            crypto::Handshake handshake;
            require(crypto::create_initiation(handshake, peers_[i], gateway_of_[i], {crypto::Le32(1)},
                                              timestamp, random_, messages_[i]),
                    "no initiation");
            const std::span bytes(reinterpret_cast<std::uint8_t*>(&messages_[i]), sizeof(messages_[i]));
            crypto::CookieHolder(gateway_.public_key).add_macs(bytes, now_);
            arrivals_[i] = {.tunnel = 0, .bytes = bytes, .from = {}};
        }
    }

  private:
    crypto::SystemRandom random_;
    crypto::LocalIdentity gateway_;
    std::vector<crypto::LocalIdentity> peers_;
    std::vector<crypto::RemoteIdentity> gateway_of_;
    std::vector<crypto::PublicKey> public_keys_;
    std::vector<crypto::MessageInitiation> messages_;
    std::vector<control::protocol::HandshakeArrival> arrivals_;
    bench::Nanoseconds now_ = 1'000'000'000;
};

/// The same service with X25519 in batches and with scalar X25519; `together` messages arrive at once.
Result responder(Storm& storm, const char* name, std::size_t together, int rounds) {
    bench::Responder batch(storm.gateway_key(), storm.peers(), crypto::best_x25519_path());
    bench::Responder scalar(storm.gateway_key(), storm.peers(), X25519Path::scalar);
    Result result{.name = name, .unit = "handshake/s", .ratio_to = "the same with scalar X25519"};
    bench::alternate(
        result, rounds, [&] { storm.begin(); }, Storm::kPeers,
        [&] { batch.answer(storm.arrivals(), together, storm.now()); }, Storm::kPeers,
        [&] { scalar.answer(storm.arrivals(), together, storm.now()); });
    return result;
}

int run(const std::optional<std::string>& json, int rounds) {
    bench::pin();
    if (crypto::best_x25519_path() == X25519Path::scalar)
        std::puts("This CPU has no AVX-512 IFMA: batches are done by libsodium, too.");
    Points points;
    Storm storm;
    std::vector<Result> results;
    bench::print_heading();
    const auto add = [&](Result result) {
        bench::print(result);
        results.push_back(std::move(result));
    };
    add(x25519_against_openssl(points, rounds));
    add(x25519_against_sodium(points, rounds));
    add(blake2s_against_openssl(rounds));
    add(responder(storm, "handshake/responder", control::protocol::Engine::kBatch, rounds));
    add(responder(storm, "handshake/responder/lone", 1, rounds));
    if (json && !bench::write_json(*json, results)) {
        std::fprintf(stderr, "bench-handshake: can't write %s\n", json->c_str());
        return 1;
    }
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Measures X25519, BLAKE2s and the handshake service, on one CPU");
    std::optional<std::string> json;
    bool quick = false;
    app.add_option("--json", json, "write the results to this file too")->type_name("FILE");
    app.add_flag("--quick", quick, "fewer rounds");
    CLI11_PARSE(app, argc, argv);
    try {
        return run(json, quick ? kQuickRounds : kRounds);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "bench-handshake: %s\n", error.what());
        return 1;
    }
}
