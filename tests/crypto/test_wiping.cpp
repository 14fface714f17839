// Secrets leave no trace: not in the objects that held them, not on the stack that worked with them.

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "crypto/blake2s.h"
#include "crypto/cookie.h"
#include "crypto/noise.h"
#include "crypto/x25519_batch.h"
#include "tests/crypto/scanned_stack.h"
#include "tests/crypto/two_sides.h"
#include "tests/crypto/wire_bytes.h"

namespace ringway::crypto {
namespace {

using tests::bytes_of;
using tests::kStackIsTheSanitizers;
using tests::ScannedStack;
using tests::TwoSides;

/// An object in memory that can be looked at after the object is gone.
template <typename T>
class Remains {
  public:
    Remains() : object_(new (memory_.data()) T) {}
    ~Remains() {
        if (object_ != nullptr) object_->~T();
    }
    Remains(const Remains&) = delete;
    Remains& operator=(const Remains&) = delete;

    T& operator*() { return *object_; }
    void destroy() { std::exchange(object_, nullptr)->~T(); }
    [[nodiscard]] bool are_zero() const {
        return std::ranges::all_of(memory_, [](unsigned char byte) { return byte == 0; });
    }
    [[nodiscard]] bool hold(std::span<const std::uint8_t> bytes) const {
        return std::search(memory_.begin(), memory_.end(), bytes.begin(), bytes.end()) != memory_.end();
    }

  private:
    alignas(T) std::array<unsigned char, sizeof(T)> memory_{};
    T* object_;
};

TEST_CASE("a handshake's memory is zero after its keys were derived") {
    TwoSides sides(1);
    Remains<Handshake> alices;
    REQUIRE(create_initiation(*alices, sides.alice, sides.alices_bob, TwoSides::kAliceIndex,
                              TwoSides::kTimestamp, sides.random, sides.initiation));
    REQUIRE(sides.consume_initiation());
    REQUIRE(sides.respond());
    CHECK_FALSE(alices.are_zero());
    const PrivateKey ephemeral = (*alices).ephemeral_private.copy();
    CHECK(alices.hold(ephemeral.span()));
    REQUIRE(consume_response(*alices, sides.alice, sides.alices_bob, sides.response));
    CHECK_FALSE(alices.hold(ephemeral.span()));
    REQUIRE(derive_transport_keys(*alices));
    CHECK(alices.are_zero());
}

TEST_CASE("a handshake that ends in the middle leaves no secret") {
    TwoSides sides(2);
    Remains<Handshake> alices;
    REQUIRE(create_initiation(*alices, sides.alice, sides.alices_bob, TwoSides::kAliceIndex,
                              TwoSides::kTimestamp, sides.random, sides.initiation));
    const PrivateKey ephemeral = (*alices).ephemeral_private.copy();
    SUBCASE("wiped") {
        (*alices).wipe();
        CHECK(alices.are_zero());
    }
    SUBCASE("given to an unusable peer") {
        const auto nobody = RemoteIdentity::from(sides.alice, PublicKey{}, {});
        CHECK_FALSE(create_initiation(*alices, sides.alice, nobody, TwoSides::kAliceIndex,
                                      TwoSides::kTimestamp, sides.random, sides.initiation));
        CHECK(alices.are_zero());
    }
    SUBCASE("dead") {
        alices.destroy();
        CHECK_FALSE(alices.hold(ephemeral.span()));
    }
}

TEST_CASE("an opened initiation is zero once it was refused or accepted") {
    TwoSides sides(3);
    REQUIRE(sides.initiate());
    Remains<OpenedInitiation> opened;
    SUBCASE("refused when it was opened") {
        sides.initiation.encrypted_static[0] ^= 1;
        CHECK_FALSE(open_initiation(*opened, sides.bob, sides.initiation));
    }
    SUBCASE("refused when its timestamp was") {
        sides.initiation.encrypted_timestamp[0] ^= 1;
        REQUIRE(open_initiation(*opened, sides.bob, sides.initiation));
        CHECK_FALSE(opened.are_zero());
        CHECK_FALSE(open_timestamp(*opened, sides.bobs_alice, sides.initiation));
    }
    SUBCASE("accepted") {
        REQUIRE(open_initiation(*opened, sides.bob, sides.initiation));
        REQUIRE(open_timestamp(*opened, sides.bobs_alice, sides.initiation));
        accept_initiation(sides.bobs, *opened);
    }
    CHECK(opened.are_zero());
}

TEST_CASE("a key that was moved is in one place") {
    TwoSides sides(4);
    const auto psk = sides.alices_bob.preshared_key.copy();
    const PresharedKey constructed(std::move(sides.alices_bob.preshared_key));
    CHECK(constructed.equals(psk));
    CHECK(sides.alices_bob.preshared_key.is_zero());
    PresharedKey assigned;
    assigned = std::move(sides.bobs_alice.preshared_key);
    CHECK(assigned.equals(psk));
    CHECK(sides.bobs_alice.preshared_key.is_zero());
}

TEST_CASE("a peer's keys are gone when it is") {
    TwoSides sides(4);
    const auto shared = sides.alices_bob.static_static.copy();
    const auto psk = sides.alices_bob.preshared_key.copy();
    Remains<RemoteIdentity> remote;
    *remote = std::move(sides.alices_bob);
    CHECK(remote.hold(shared.span()));
    CHECK(remote.hold(psk.span()));
    CHECK(sides.alices_bob.static_static.is_zero());
    remote.destroy();
    CHECK_FALSE(remote.hold(shared.span()));
    CHECK_FALSE(remote.hold(psk.span()));
}

/// Everything secret in one handshake, kept where no scanned stack is.
struct Secrets {
    struct Named {
        std::string name;
        std::vector<std::uint8_t> bytes;
    };
    std::vector<Named> all;

    template <typename Key>
    void add(const std::string& name, const Key& key) {
        all.push_back({name, {key.span().begin(), key.span().end()}});
    }
    void add_dh(const std::string& name, const PrivateKey& ours, const PublicKey& theirs) {
        KeyMaterial shared;
        REQUIRE(x25519(shared, ours, theirs));
        add(name, shared);
    }
};

void check_stack_clean(const ScannedStack& stack, const Secrets& secrets) {
    for (const auto& secret : secrets.all) {
        CAPTURE(secret.name);
        CHECK_FALSE(stack.holds(secret.bytes));
    }
}

TEST_CASE("a secret left on a stack would be found there" * doctest::skip(kStackIsTheSanitizers)) {
    ScannedStack stack;
    TwoSides sides(5);
    stack.run([&] {
        std::array<volatile std::uint8_t, 32> careless;
        std::ranges::copy(sides.alice.private_key.span(), careless.begin());
    });
    CHECK(stack.holds(sides.alice.private_key.span()));
}

/// The secrets of the exchange that `sides` are about to have, learnt from a rehearsal on the same
/// randomness.
Secrets rehearse(std::uint64_t seed) {
    TwoSides sides(seed);
    Secrets secrets;
    REQUIRE(sides.initiate());
    const PrivateKey alices_ephemeral = sides.alices.ephemeral_private.copy();
    REQUIRE(sides.consume_initiation());
    auto same_random = sides.random;
    const PrivateKey bobs_ephemeral = generate_private_key(same_random);
    REQUIRE(sides.respond());
    REQUIRE(sides.consume_response());
    const auto keys = derive_transport_keys(sides.alices);

    secrets.add("Alice's private key", sides.alice.private_key);
    secrets.add("Bob's private key", sides.bob.private_key);
    secrets.add("Alice's ephemeral", alices_ephemeral);
    secrets.add("Bob's ephemeral", bobs_ephemeral);
    secrets.add("preshared key", sides.alices_bob.preshared_key);
    secrets.add("ss", sides.alices_bob.static_static);
    secrets.add_dh("es", alices_ephemeral, sides.bob.public_key);
    secrets.add_dh("ee", alices_ephemeral, x25519_base(bobs_ephemeral));
    secrets.add_dh("se", bobs_ephemeral, sides.alice.public_key);
    secrets.add("first transport key", keys->send);
    secrets.add("second transport key", keys->receive);
    return secrets;
}

TEST_CASE("no step of the key schedule leaves a secret on the stack" * doctest::skip(kStackIsTheSanitizers)) {
    TwoSides sides(9);
    KeyMaterial shared;
    REQUIRE(x25519(shared, sides.alice.private_key, sides.bob.public_key));
    SymmetricState symmetric;
    SymmetricKey key;
    SymmetricKey other_key;
    symmetric.start(sides.bob.public_key);

    // One stack for each: a later step would overwrite what an earlier one left.
    const auto check_step = [&](const std::string& step, const auto& work) {
        CAPTURE(step);
        ScannedStack stack;
        stack.run(work);
        CHECK_FALSE(stack.holds(sides.alice.private_key.span()));
        CHECK_FALSE(stack.holds(sides.alices_bob.preshared_key.span()));
        CHECK_FALSE(stack.holds(shared.span()));
        CHECK_FALSE(stack.holds(key.span()));
        CHECK_FALSE(stack.holds(other_key.span()));
    };
    std::array<std::uint8_t, kTagBytes> sealed{};
    sides.random.fill(key.span());
    sides.random.fill(other_key.span());
    check_step("base", [&] { (void)x25519_base(sides.alice.private_key); });
    const auto dh = [&](KeyMaterial& out) {
        return x25519(out, sides.alice.private_key, sides.bob.public_key);
    };
    check_step("x25519 and mix_dh", [&] {
        KeyMaterial result;
        (void)(dh(result) && symmetric.mix_dh(result));
    });
    check_step("x25519 and mix_dh to a key", [&] {
        KeyMaterial result;
        (void)(dh(result) && symmetric.mix_dh(key, result));
    });
    for (const X25519Path path : {X25519Path::scalar, best_x25519_path()}) {
        check_step("a batch", [&] {
            std::array<KeyMaterial, 9> results;
            std::array<X25519Job, 9> jobs;
            for (std::size_t i = 0; i < jobs.size(); ++i)
                jobs[i] = X25519Job::shared(results[i], sides.alice.private_key, sides.bob.public_key);
            x25519_batch(jobs, path);
        });
    }
    check_step("mix_shared", [&] { symmetric.mix_shared(key, shared); });
    check_step("mix_preshared_key",
               [&] { symmetric.mix_preshared_key(key, sides.alices_bob.preshared_key); });
    check_step("seal", [&] { symmetric.seal(sealed, key, {}); });
    check_step("open", [&] { (void)symmetric.open({}, key, sealed); });
    check_step("split", [&] { symmetric.split(key, other_key); });
}

TEST_CASE("a handshake leaves no secret on the stack" * doctest::skip(kStackIsTheSanitizers)) {
    const Secrets secrets = rehearse(6);
    TwoSides sides(6);
    ScannedStack stack;
    bool done = false;
    stack.run([&] {
        done = sides.exchange() && sides.consume_response() && derive_transport_keys(sides.alices) &&
               derive_transport_keys(sides.bobs);
    });
    CHECK(done);
    check_stack_clean(stack, secrets);
}

TEST_CASE("a handshake that is refused leaves no secret on the stack" *
          doctest::skip(kStackIsTheSanitizers)) {
    const Secrets secrets = rehearse(7);
    TwoSides sides(7);
    ScannedStack stack;
    bool refused = false;
    stack.run([&] {
        refused = sides.exchange();
        sides.response.encrypted_nothing[0] ^= 1;
        refused = refused && !sides.consume_response();
        sides.initiation.encrypted_timestamp[0] ^= 1;
        refused = refused && !sides.consume_initiation();
        sides.initiation.encrypted_static[0] ^= 1;
        refused = refused && !sides.consume_initiation();
    });
    CHECK(refused);
    check_stack_clean(stack, secrets);
}

TEST_CASE("cookies leave neither their secret nor themselves on the stack" *
          doctest::skip(kStackIsTheSanitizers)) {
    TwoSides sides(8);
    Secrets secrets;
    auto same_random = sides.random;
    KeyMaterial secret;
    same_random.fill(secret.span());
    secrets.add("cookie secret", secret);
    Cookie cookie;
    const std::array<std::uint8_t, 6> source = {1, 2, 3, 4, 5, 6};
    blake2s(cookie.span(), source, secret.span());
    secrets.add("cookie", cookie);

    ScannedStack stack;
    CookieChecker checker(sides.bob.public_key);
    CookieHolder holder(sides.bob.public_key);
    bool owned = false;
    stack.run([&] {
        MessageCookieReply reply;
        const auto message = bytes_of(sides.initiation);
        holder.add_macs(message, 1);
        checker.make_reply(reply, message, TwoSides::kAliceIndex, source, 1, sides.random);
        owned = holder.consume_reply(reply, 1);
        holder.add_macs(message, 1);
        owned = owned &&
                checker.check(message, source, true, 1, sides.random) == CookieChecker::Verdict::valid_cookie;
    });
    CHECK(owned);
    check_stack_clean(stack, secrets);
}

}  // namespace
}  // namespace ringway::crypto
