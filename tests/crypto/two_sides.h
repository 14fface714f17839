#pragma once

// Two peers that know each other, for tests of the handshake: Alice begins, Bob answers.

#include <array>
#include <cstdint>
#include <optional>

#include "crypto/noise.h"
#include "crypto/x25519.h"
#include "tests/support/seeded_random.h"

namespace ringway::tests {

[[nodiscard]] inline crypto::ReceiverIndex index(std::uint32_t value) {
    return {crypto::Le32(value)};
}

struct TwoSides {
    enum class Psk : std::uint8_t { none, shared };

    explicit TwoSides(std::uint64_t seed, Psk psk = Psk::shared)
        : random(seed),
          alice(crypto::LocalIdentity::from(crypto::generate_private_key(random))),
          bob(crypto::LocalIdentity::from(crypto::generate_private_key(random))) {
        crypto::PresharedKey key;
        if (psk == Psk::shared) random.fill(key.span());
        alices_bob = crypto::RemoteIdentity::from(alice, bob.public_key, key.copy());
        bobs_alice = crypto::RemoteIdentity::from(bob, alice.public_key, key.copy());
    }

    /// Alice's first message; `alices` is then in initiation_sent.
    [[nodiscard]] bool initiate() {
        return crypto::create_initiation(alices, alice, alices_bob, kAliceIndex, kTimestamp, random,
                                         initiation);
    }

    /// Bob takes `initiation` in all three steps; `bobs` is then in initiation_consumed.
    [[nodiscard]] bool consume_initiation() {
        crypto::OpenedInitiation opened;
        if (!crypto::open_initiation(opened, bob, initiation)) return false;
        if (!crypto::open_timestamp(opened, bobs_alice, initiation)) return false;
        crypto::accept_initiation(bobs, opened);
        return bobs.state == crypto::Handshake::State::initiation_consumed;
    }

    /// Bob's answer; `bobs` is then in response_sent.
    [[nodiscard]] bool respond() {
        return crypto::create_response(bobs, bobs_alice, kBobIndex, random, response);
    }

    [[nodiscard]] bool consume_response() {
        return crypto::consume_response(alices, alice, alices_bob, response);
    }

    /// Everything up to and with the response on its way.
    [[nodiscard]] bool exchange() { return initiate() && consume_initiation() && respond(); }

    static constexpr crypto::ReceiverIndex kAliceIndex{crypto::Le32(0x01020304)};
    static constexpr crypto::ReceiverIndex kBobIndex{crypto::Le32(0xa1b2c3d4)};
    static constexpr crypto::Tai64n kTimestamp{{0x40, 0, 0, 0, 0x65, 0, 0, 0, 1, 0, 0, 0}};

    SeededRandom random;
    crypto::LocalIdentity alice, bob;
    crypto::RemoteIdentity alices_bob, bobs_alice;
    crypto::Handshake alices, bobs;
    crypto::MessageInitiation initiation{};
    crypto::MessageResponse response{};
};

/// Every encoding of a point of low order that X25519 (RFC 7748, which leaves the top bit out) may
/// meet: the seven of them, each also with the top bit set.
[[nodiscard]] std::array<crypto::PublicKey, 14> low_order_points();

}  // namespace ringway::tests
