// Points of low order, whose Diffie-Hellman with anyone is zero: whoever sends one knows the result.
// The forgeries here are right in everything else, so that they are refused for that reason alone;
// the same forger with an honest point is believed.

#include <doctest/doctest.h>

#include "crypto/noise.h"
#include "tests/crypto/two_sides.h"
#include "tests/crypto/wire_bytes.h"

namespace ringway::crypto {
namespace {

using tests::snapshot;
using tests::TwoSides;

/// One end of a key exchange as a forger sees it: the point to send and the result it counts on.
struct Exchange {
    PublicKey point;
    KeyMaterial result;
};

Exchange low_order(const PublicKey& point) {
    return {point, {}};
}

Exchange honest(tests::SeededRandom& random, const PublicKey& with) {
    const PrivateKey private_key = generate_private_key(random);
    Exchange exchange{x25519_base(private_key), {}};
    REQUIRE(x25519(exchange.result, private_key, with));
    return exchange;
}

/// Alice's initiation to Bob with an ephemeral of the forger's choice.
void forge_initiation(TwoSides& sides, const Exchange& ephemeral) {
    SymmetricState symmetric;
    SymmetricKey key;
    symmetric.start(sides.bob.public_key);
    symmetric.mix_ephemeral(ephemeral.point);
    symmetric.mix_shared(key, ephemeral.result);
    symmetric.seal(sides.initiation.encrypted_static, key, sides.alice.public_key.bytes);
    symmetric.mix_shared(key, sides.alices_bob.static_static);
    symmetric.seal(sides.initiation.encrypted_timestamp, key, TwoSides::kTimestamp.bytes);
    sides.initiation.type = Le32(1);
    sides.initiation.unencrypted_ephemeral = ephemeral.point.bytes;
}

TEST_CASE("a forged initiation with an honest ephemeral is believed") {
    TwoSides sides(1);
    forge_initiation(sides, honest(sides.random, sides.bob.public_key));
    CHECK(sides.consume_initiation());
}

TEST_CASE("an initiation with a low-order ephemeral is refused") {
    for (const PublicKey& point : tests::low_order_points()) {
        TwoSides sides(2);
        forge_initiation(sides, low_order(point));
        OpenedInitiation opened;
        CHECK_FALSE(open_initiation(opened, sides.bob, sides.initiation));
        CHECK(snapshot(opened) == snapshot(OpenedInitiation()));
    }
}

/// Bob's response to Alice's initiation with an ephemeral of the forger's choice, who has watched
/// (or is) Bob up to there: `after_initiation` is his state.
void forge_response(TwoSides& sides, const SymmetricState& after_initiation, const Exchange& with_ephemeral,
                    const Exchange& with_static) {
    SymmetricState symmetric = after_initiation.copy();
    SymmetricKey key;
    symmetric.mix_ephemeral(with_ephemeral.point);
    symmetric.mix_shared(key, with_ephemeral.result);
    symmetric.mix_shared(key, with_static.result);
    symmetric.mix_preshared_key(key, sides.bobs_alice.preshared_key);
    symmetric.seal(sides.response.encrypted_nothing, key, {});
    sides.response.type = Le32(2);
    sides.response.receiver = TwoSides::kAliceIndex;
    sides.response.unencrypted_ephemeral = with_ephemeral.point.bytes;
}

TEST_CASE("a forged response with an honest ephemeral is believed") {
    TwoSides sides(3);
    REQUIRE(sides.initiate());
    REQUIRE(sides.consume_initiation());
    auto same_random = sides.random;
    const PublicKey ephemeral{sides.initiation.unencrypted_ephemeral};
    forge_response(sides, sides.bobs.symmetric, honest(sides.random, ephemeral),
                   honest(same_random, sides.alice.public_key));
    CHECK(sides.consume_response());
}

TEST_CASE("a response with a low-order ephemeral is refused and changes nothing") {
    for (const PublicKey& point : tests::low_order_points()) {
        TwoSides sides(4);
        REQUIRE(sides.initiate());
        REQUIRE(sides.consume_initiation());
        forge_response(sides, sides.bobs.symmetric, low_order(point), low_order(point));
        const auto before = snapshot(sides.alices);
        CHECK_FALSE(sides.consume_response());
        CHECK(snapshot(sides.alices) == before);
    }
}

/// Nothing can be done with `remote`, and trying leaves nothing behind.
void check_unusable(TwoSides& sides, RemoteIdentity remote) {
    CHECK_FALSE(remote.usable);
    CHECK(remote.static_static.is_zero());

    REQUIRE(sides.initiate());
    CHECK_FALSE(create_initiation(sides.alices, sides.alice, remote, TwoSides::kAliceIndex,
                                  TwoSides::kTimestamp, sides.random, sides.initiation));
    CHECK(snapshot(sides.alices) == snapshot(Handshake()));
    CHECK(snapshot(sides.initiation) == snapshot(MessageInitiation{}));

    REQUIRE(sides.initiate());
    REQUIRE(sides.consume_initiation());
    CHECK_FALSE(create_response(sides.bobs, remote, TwoSides::kBobIndex, sides.random, sides.response));
    CHECK(snapshot(sides.bobs) == snapshot(Handshake()));
    CHECK(snapshot(sides.response) == snapshot(MessageResponse{}));
}

TEST_CASE("a peer with a low-order static key is unusable") {
    for (const PublicKey& point : tests::low_order_points()) {
        TwoSides sides(5);
        check_unusable(sides, RemoteIdentity::from(sides.alice, point, {}));
    }
}

TEST_CASE("a peer with our own key is unusable") {
    TwoSides sides(6);
    check_unusable(sides, RemoteIdentity::from(sides.alice, sides.alice.public_key, {}));
}

TEST_CASE("an initiation of a peer with a low-order static key has no timestamp") {
    for (const PublicKey& point : tests::low_order_points()) {
        TwoSides sides(7);
        // Everyone is that peer: all they need is a static-static result of zero.
        sides.alice.public_key = point;
        sides.alices_bob.static_static.wipe();
        REQUIRE(sides.initiate());
        OpenedInitiation opened;
        REQUIRE(open_initiation(opened, sides.bob, sides.initiation));
        CHECK(opened.remote_static == point);
        const auto peer = RemoteIdentity::from(sides.bob, point, {});
        CHECK_FALSE(open_timestamp(opened, peer, sides.initiation));
        CHECK(snapshot(opened) == snapshot(OpenedInitiation()));
    }
}

TEST_CASE("the static-static result is the same from both sides") {
    const TwoSides sides(8);
    CHECK(sides.alices_bob.usable);
    CHECK(sides.alices_bob.static_static.equals(sides.bobs_alice.static_static));
}

}  // namespace
}  // namespace ringway::crypto
