#include "crypto/noise.h"

#include <doctest/doctest.h>

#include <memory>
#include <vector>

#include "tests/crypto/two_sides.h"
#include "tests/crypto/wire_bytes.h"

namespace ringway::crypto {
namespace {

using State = Handshake::State;
using tests::bytes_of;
using tests::index;
using tests::snapshot;
using tests::TwoSides;

/// The handshake goes through now, and both sides' keys match crosswise.
void check_agreement(TwoSides& sides) {
    REQUIRE(sides.consume_response());
    auto alices = derive_transport_keys(sides.alices);
    auto bobs = derive_transport_keys(sides.bobs);
    REQUIRE(alices);
    REQUIRE(bobs);
    CHECK(alices->send.equals(bobs->receive));
    CHECK(alices->receive.equals(bobs->send));
    CHECK_FALSE(alices->send.equals(alices->receive));
    CHECK_FALSE(alices->send.is_zero());
}

TEST_CASE("remotes completed together are as those made one by one, on every path") {
    TwoSides sides(21);
    std::vector<PublicKey> keys = {PublicKey{}, sides.alice.public_key};
    while (keys.size() < 150)
        keys.push_back(x25519_base(generate_private_key(sides.random)));
    for (const X25519Path path : {X25519Path::scalar, best_x25519_path()}) {
        std::vector<RemoteIdentity> remotes(keys.size());
        std::vector<RemoteIdentity*> pointers;
        for (std::size_t i = 0; i < keys.size(); ++i) {
            remotes[i].public_key = keys[i];
            pointers.push_back(&remotes[i]);
        }
        RemoteIdentity::complete(pointers, sides.alice, path);
        for (std::size_t i = 0; i < keys.size(); ++i) {
            CAPTURE(i);
            KeyMaterial expected;
            const bool usable = i != 1 && x25519(expected, sides.alice.private_key, keys[i]);
            CHECK(remotes[i].usable == usable);
            CHECK(remotes[i].static_static.equals(expected));
        }
    }
}

TEST_CASE("both sides derive the same keys crosswise, with and without a preshared key") {
    for (const auto psk : {TwoSides::Psk::none, TwoSides::Psk::shared}) {
        for (std::uint64_t seed = 0; seed < 20; ++seed) {
            TwoSides sides(seed, psk);
            REQUIRE(sides.exchange());
            check_agreement(sides);
        }
    }
}

TEST_CASE("each step leads to the next state and carries the indices") {
    TwoSides sides(1);
    REQUIRE(sides.initiate());
    CHECK(sides.alices.state == State::initiation_sent);
    CHECK(sides.alices.local_index == TwoSides::kAliceIndex);
    CHECK(sides.initiation.type.host() == 1);
    CHECK(sides.initiation.sender == TwoSides::kAliceIndex);

    REQUIRE(sides.consume_initiation());
    CHECK(sides.bobs.remote_index == TwoSides::kAliceIndex);
    REQUIRE(sides.respond());
    CHECK(sides.bobs.state == State::response_sent);
    CHECK(sides.bobs.local_index == TwoSides::kBobIndex);
    CHECK(sides.response.type.host() == 2);
    CHECK(sides.response.sender == TwoSides::kBobIndex);
    CHECK(sides.response.receiver == TwoSides::kAliceIndex);

    REQUIRE(sides.consume_response());
    CHECK(sides.alices.state == State::response_consumed);
    CHECK(sides.alices.remote_index == TwoSides::kBobIndex);
    CHECK(sides.alices.ephemeral_private.is_zero());
}

TEST_CASE("the responder learns who sent an initiation, and when, before it accepts anything") {
    TwoSides sides(2);
    REQUIRE(sides.initiate());
    OpenedInitiation opened;
    REQUIRE(open_initiation(opened, sides.bob, sides.initiation));
    CHECK(opened.remote_static == sides.alice.public_key);
    CHECK(opened.remote_index == TwoSides::kAliceIndex);
    const auto timestamp = open_timestamp(opened, sides.bobs_alice, sides.initiation);
    REQUIRE(timestamp);
    CHECK(*timestamp == TwoSides::kTimestamp);
    CHECK(sides.bobs.state == State::none);
}

TEST_CASE("every initiation has an ephemeral key of its own") {
    TwoSides sides(3);
    REQUIRE(sides.initiate());
    const auto first = sides.initiation;
    REQUIRE(sides.initiate());
    CHECK(first.unencrypted_ephemeral != sides.initiation.unencrypted_ephemeral);
    CHECK(first.encrypted_static != sides.initiation.encrypted_static);
    CHECK(first.encrypted_timestamp != sides.initiation.encrypted_timestamp);
}

TEST_CASE("a wrong preshared key: the response is refused and the handshake goes on waiting") {
    TwoSides sides(4);
    sides.bobs_alice.preshared_key = PresharedKey();
    REQUIRE(sides.exchange());
    const auto before = snapshot(sides.alices);
    CHECK_FALSE(sides.consume_response());
    CHECK(snapshot(sides.alices) == before);
}

TEST_CASE("an initiation sealed for another responder is not opened") {
    TwoSides sides(5);
    const TwoSides others(6);
    REQUIRE(sides.initiate());
    OpenedInitiation opened;
    CHECK_FALSE(open_initiation(opened, others.bob, sides.initiation));
    CHECK(snapshot(opened) == snapshot(OpenedInitiation()));
}

TEST_CASE("an initiation that names a key its sender does not hold has no timestamp") {
    TwoSides sides(7);
    const TwoSides others(8);
    // Someone else knows Alice's public key, and no more.
    LocalIdentity impostor{others.alice.private_key.copy(), sides.alice.public_key};
    const auto impostors_bob = RemoteIdentity::from(impostor, sides.bob.public_key, {});
    REQUIRE(create_initiation(sides.alices, impostor, impostors_bob, TwoSides::kAliceIndex,
                              TwoSides::kTimestamp, sides.random, sides.initiation));
    OpenedInitiation opened;
    REQUIRE(open_initiation(opened, sides.bob, sides.initiation));
    CHECK(opened.remote_static == sides.alice.public_key);
    CHECK_FALSE(open_timestamp(opened, sides.bobs_alice, sides.initiation));
}

TEST_CASE("an initiation whose timestamp was not authentic can't become a handshake") {
    TwoSides sides(9);
    REQUIRE(sides.initiate());
    sides.initiation.encrypted_timestamp[0] ^= 1;
    OpenedInitiation opened;
    REQUIRE(open_initiation(opened, sides.bob, sides.initiation));
    SUBCASE("because it was not looked at") {}
    SUBCASE("because it was refused") {
        CHECK_FALSE(open_timestamp(opened, sides.bobs_alice, sides.initiation));
    }
    accept_initiation(sides.bobs, opened);
    CHECK(sides.bobs.state == State::none);
    CHECK_FALSE(sides.respond());
}

TEST_CASE("a response from the holder of another static key is refused") {
    TwoSides sides(10);
    REQUIRE(sides.exchange());
    const TwoSides others(11);
    const auto before = snapshot(sides.alices);
    // Alice's own private key takes part too: with another one the same response is nothing.
    CHECK_FALSE(consume_response(sides.alices, others.alice, sides.alices_bob, sides.response));
    CHECK(snapshot(sides.alices) == before);
    check_agreement(sides);
}

TEST_CASE("a flipped bit anywhere in an initiation's sealed part, ephemeral or type is refused") {
    TwoSides sides(12);
    REQUIRE(sides.initiate());
    const auto genuine = sides.initiation;
    for (std::size_t bit = 0; bit < 8 * offsetof(MessageInitiation, macs); ++bit) {
        // The sender index is not part of the handshake's hash: mac1 guards it.
        if (bit / 8 >= offsetof(MessageInitiation, sender) &&
            bit / 8 < offsetof(MessageInitiation, unencrypted_ephemeral)) {
            continue;
        }
        CAPTURE(bit);
        sides.initiation = genuine;
        bytes_of(sides.initiation)[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        CHECK_FALSE(sides.consume_initiation());
        CHECK(sides.bobs.state == State::none);
    }
    sides.initiation = genuine;
    CHECK(sides.consume_initiation());
}

TEST_CASE("a flipped bit anywhere in a response but its sender is refused and changes nothing") {
    TwoSides sides(13);
    REQUIRE(sides.exchange());
    const auto genuine = sides.response;
    const auto before = snapshot(sides.alices);
    for (std::size_t bit = 0; bit < 8 * offsetof(MessageResponse, macs); ++bit) {
        if (bit / 8 >= offsetof(MessageResponse, sender) && bit / 8 < offsetof(MessageResponse, receiver)) {
            continue;
        }
        CAPTURE(bit);
        sides.response = genuine;
        bytes_of(sides.response)[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        CHECK_FALSE(sides.consume_response());
        CHECK(snapshot(sides.alices) == before);
    }
    sides.response = genuine;
    check_agreement(sides);
}

TEST_CASE("a response to another index is refused") {
    TwoSides sides(14);
    REQUIRE(sides.exchange());
    sides.response.receiver = index(0x01020305);
    CHECK_FALSE(sides.consume_response());
    sides.response.receiver = TwoSides::kAliceIndex;
    CHECK(sides.consume_response());
}

TEST_CASE("a second response is refused, before the keys are derived and after") {
    TwoSides sides(15);
    REQUIRE(sides.exchange());
    REQUIRE(sides.consume_response());
    const auto before = snapshot(sides.alices);
    CHECK_FALSE(sides.consume_response());
    CHECK(snapshot(sides.alices) == before);
    REQUIRE(derive_transport_keys(sides.alices));
    CHECK_FALSE(sides.consume_response());
}

TEST_CASE("a response is taken while an initiation waits for it, and in no other state") {
    for (const auto state :
         {State::none, State::initiation_consumed, State::response_sent, State::response_consumed}) {
        TwoSides sides(21);
        REQUIRE(sides.exchange());
        sides.alices.state = state;
        CHECK_FALSE(sides.consume_response());
        sides.alices.state = State::initiation_sent;
        CHECK(sides.consume_response());
    }
}

TEST_CASE("a response to an earlier initiation is refused") {
    TwoSides sides(16);
    REQUIRE(sides.exchange());
    REQUIRE(sides.initiate());
    CHECK_FALSE(sides.consume_response());
}

TEST_CASE("a response is made once, and only to an initiation") {
    TwoSides sides(17);
    CHECK_FALSE(sides.respond());
    REQUIRE(sides.exchange());
    const auto before = snapshot(sides.bobs);
    CHECK_FALSE(sides.respond());
    CHECK(snapshot(sides.bobs) == before);
}

TEST_CASE("keys come out of a finished handshake alone, and once") {
    TwoSides sides(18);
    const auto refused = [](Handshake& handshake) {
        const auto before = snapshot(handshake);
        return !derive_transport_keys(handshake) && snapshot(handshake) == before;
    };
    CHECK(refused(sides.alices));
    REQUIRE(sides.initiate());
    CHECK(refused(sides.alices));
    REQUIRE(sides.consume_initiation());
    CHECK(refused(sides.bobs));
    REQUIRE(sides.respond());
    CHECK(derive_transport_keys(sides.bobs));
    CHECK(refused(sides.bobs));
    REQUIRE(sides.consume_response());
    CHECK(derive_transport_keys(sides.alices));
    CHECK(refused(sides.alices));
}

TEST_CASE("an accepted initiation replaces whatever handshake was there") {
    TwoSides sides(19);
    REQUIRE(sides.exchange());
    const auto first = sides.response;
    REQUIRE(sides.exchange());
    CHECK(first.unencrypted_ephemeral != sides.response.unencrypted_ephemeral);
    check_agreement(sides);
}

TEST_CASE("both sides may initiate at once and each finishes as either") {
    TwoSides sides(20);
    Handshake bobs_own;
    MessageInitiation from_bob;
    REQUIRE(create_initiation(bobs_own, sides.bob, sides.bobs_alice, index(77), TwoSides::kTimestamp,
                              sides.random, from_bob));
    REQUIRE(sides.exchange());
    check_agreement(sides);

    OpenedInitiation opened;
    REQUIRE(open_initiation(opened, sides.alice, from_bob));
    REQUIRE(open_timestamp(opened, sides.alices_bob, from_bob));
    accept_initiation(sides.alices, opened);
    REQUIRE(create_response(sides.alices, sides.alices_bob, index(78), sides.random, sides.response));
    REQUIRE(consume_response(bobs_own, sides.bob, sides.bobs_alice, sides.response));
    auto bobs = derive_transport_keys(bobs_own);
    auto alices = derive_transport_keys(sides.alices);
    CHECK(bobs->send.equals(alices->receive));
    CHECK(bobs->receive.equals(alices->send));
}

TEST_CASE("steps in halves, of many handshakes together, give what they give at once") {
    constexpr std::size_t kMany = 20;
    std::vector<std::unique_ptr<TwoSides>> halved;
    std::vector<DiffieHellmans> done(kMany);
    std::vector<OpenedInitiation> opened(kMany);
    std::vector<X25519Job> jobs;
    const auto together = [&] {
        x25519_batch(jobs);
        jobs.clear();
    };
    const auto add = [&](const auto& of_step) { jobs.insert(jobs.end(), of_step.begin(), of_step.end()); };

    for (std::size_t i = 0; i < kMany; ++i)
        halved.push_back(std::make_unique<TwoSides>(i));
    for (std::size_t i = 0; i < kMany; ++i)
        add(prepare_initiation(done[i], halved[i]->alices_bob, halved[i]->random));
    together();
    for (std::size_t i = 0; i < kMany; ++i) {
        TwoSides& sides = *halved[i];
        REQUIRE(create_initiation(sides.alices, sides.alice, sides.alices_bob, TwoSides::kAliceIndex,
                                  TwoSides::kTimestamp, done[i], sides.initiation));
        jobs.push_back(prepare_open(done[i], sides.bob, sides.initiation));
    }
    together();
    for (std::size_t i = 0; i < kMany; ++i) {
        TwoSides& sides = *halved[i];
        REQUIRE(open_initiation(opened[i], sides.bob, sides.initiation, done[i]));
        REQUIRE(open_timestamp(opened[i], sides.bobs_alice, sides.initiation));
        add(prepare_response(done[i], opened[i].remote_ephemeral, sides.bobs_alice, sides.random));
    }
    together();
    for (std::size_t i = 0; i < kMany; ++i) {
        TwoSides& sides = *halved[i];
        accept_initiation(sides.bobs, opened[i]);
        REQUIRE(create_response(sides.bobs, sides.bobs_alice, TwoSides::kBobIndex, done[i], sides.response));
        add(prepare_consume(done[i], sides.alices, sides.alice, sides.response));
    }
    together();
    for (std::size_t i = 0; i < kMany; ++i) {
        TwoSides& sides = *halved[i];
        REQUIRE(consume_response(sides.alices, sides.alices_bob, sides.response, done[i]));
        TwoSides at_once(i);
        REQUIRE(at_once.exchange());
        REQUIRE(at_once.consume_response());
        CHECK(snapshot(sides.initiation) == snapshot(at_once.initiation));
        CHECK(snapshot(sides.response) == snapshot(at_once.response));
        CHECK(snapshot(sides.alices) == snapshot(at_once.alices));
        CHECK(snapshot(sides.bobs) == snapshot(at_once.bobs));
    }
}

TEST_CASE("a step whose Diffie-Hellmans were never done is refused") {
    TwoSides sides(1);
    REQUIRE(sides.initiate());
    OpenedInitiation opened;
    CHECK_FALSE(open_initiation(opened, sides.bob, sides.initiation, {}));
    REQUIRE(sides.consume_initiation());
    CHECK_FALSE(create_response(sides.bobs, sides.bobs_alice, TwoSides::kBobIndex, {}, sides.response));
    CHECK(snapshot(sides.bobs) == snapshot(Handshake()));
    REQUIRE(sides.consume_initiation());
    REQUIRE(sides.respond());
    CHECK_FALSE(consume_response(sides.alices, sides.alices_bob, sides.response, {}));
    CHECK(sides.consume_response());
    DiffieHellmans none;
    CHECK_FALSE(create_initiation(sides.alices, sides.alice, sides.alices_bob, TwoSides::kAliceIndex,
                                  TwoSides::kTimestamp, none, sides.initiation));
    CHECK(snapshot(sides.alices) == snapshot(Handshake()));
}

}  // namespace
}  // namespace ringway::crypto
