// Handshake messages that are right in form: old, foreign, forged with all that an attacker can know.

#include <fmt/format.h>

#include <cstring>

#include "crypto/symmetric_state.h"
#include "crypto/tai64n.h"
#include "crypto/x25519.h"
#include "tests/crypto/two_sides.h"
#include "tests/hostile/attacks.h"

namespace ringway::tests {
namespace {

using namespace std::chrono_literals;

constexpr unsigned kCaller = 51;
constexpr std::uint64_t kSecond = 1'000'000'000;
/// Initiations of a peer closer together are a flood.
constexpr auto kGap = 25ms;

template <typename Message>
Bytes bytes_of_message(const Message& message) {
    Bytes bytes(sizeof(message));
    std::memcpy(bytes.data(), &message, sizeof(message));
    return bytes;
}

/// An initiation sealed step by step, with what a forger may choose: whose key it names, and the results that
/// it counts on.
Bytes forged_initiation(Besieged& t, const crypto::PublicKey& ephemeral,
                        const crypto::KeyMaterial& ephemeral_static, const crypto::PublicKey& static_key,
                        const crypto::KeyMaterial& static_static) {
    crypto::MessageInitiation message{};
    crypto::SymmetricState symmetric;
    crypto::SymmetricKey key;
    symmetric.start(t.gateway.public_key());
    symmetric.mix_ephemeral(ephemeral);
    symmetric.mix_shared(key, ephemeral_static);
    symmetric.seal(message.encrypted_static, key, static_key.bytes);
    symmetric.mix_shared(key, static_static);
    symmetric.seal(message.encrypted_timestamp, key, crypto::Tai64n::from_unix(t.unix_nanoseconds()).bytes);
    message.type = crypto::Le32(1);
    message.sender = {crypto::Le32(t.random.next_u32())};
    message.unencrypted_ephemeral = ephemeral.bytes;
    Bytes bytes = bytes_of_message(message);
    renew_macs(bytes, t.gateway.public_key());
    return bytes;
}

/// The same with an honest ephemeral.
Bytes forged_initiation(Besieged& t, const crypto::PublicKey& static_key,
                        const crypto::KeyMaterial& static_static) {
    const crypto::PrivateKey ephemeral = crypto::generate_private_key(t.random);
    crypto::KeyMaterial shared;
    t.require(crypto::x25519(shared, ephemeral, t.gateway.public_key()), "the gateway's key is good");
    return forged_initiation(t, crypto::x25519_base(ephemeral), shared, static_key, static_static);
}

void configure(Besieged& t, const crypto::PublicKey& key) {
    control::PeerSpec spec;
    spec.public_key = key;
    t.require(t.gateway.core().add_peer(TestGateway::kTunnel, std::move(spec)).has_value(),
              "a peer is added");
    t.bench.network.settle();
}

Bytes response_to(Besieged& t, crypto::ReceiverIndex receiver) {
    crypto::MessageResponse message{};
    Bytes rest = t.random_bytes(sizeof(message));
    std::memcpy(&message, rest.data(), sizeof(message));
    message.type = crypto::Le32(2);
    message.receiver = receiver;
    Bytes bytes = bytes_of_message(message);
    renew_macs(bytes, t.gateway.public_key());
    return bytes;
}

Bytes cookie_to(Besieged& t, crypto::ReceiverIndex receiver) {
    crypto::MessageCookieReply message{};
    Bytes rest = t.random_bytes(sizeof(message));
    std::memcpy(&message, rest.data(), sizeof(message));
    message.type = crypto::Le32(3);
    message.receiver = receiver;
    return bytes_of_message(message);
}

}  // namespace

void initiations_old_and_new(Besieged& t) {
    WireClient caller(kCaller, t.gateway);
    const PeerIndex peer = caller.join(t.gateway);
    const std::uint64_t now = t.unix_nanoseconds();
    const auto later = [&] { t.bench.network.pass(kGap); };
    const auto refused = [&](std::uint64_t at, DropReason reason, const char* what) {
        t.expect_drop(t.from_attacker(initiation_of(caller, at)), reason, what);
    };
    const Bytes first = caller.initiation(now);
    t.expect_handshake(first, peer, 1, "an initiation");
    refused(now + kSecond, DropReason::handshake_flood, "one more within 20 ms");
    for (int i = 0; i < 100; ++i) {
        later();
        t.expect_drop(t.from_attacker(message_in(first), i % 2 == 0 ? Family::v4 : Family::v6),
                      DropReason::handshake_replayed, "the initiation replayed");
    }
    refused(now, DropReason::handshake_replayed, "an equal timestamp");
    refused(now - 1000 * kSecond, DropReason::handshake_replayed, "an old timestamp");
    refused(0, DropReason::handshake_replayed, "a timestamp of 1970");
    t.expect_honest("old initiations");

    // A clock that was ahead: taken, for nobody else could have sealed it, and what comes after is older.
    const std::uint64_t century = 3'200'000'000 * kSecond;
    later();
    t.expect_handshake(caller.initiation(now + century), peer, 1, "a timestamp of the next century");
    later();
    refused(now + 100 * kSecond, DropReason::handshake_replayed, "the right time again");
    t.gateway.core().engine().forget_timestamp(peer);
    t.expect_handshake(caller.initiation(now + 101 * kSecond), peer, 1, "the right time after a reset");
}

void initiations_of_no_peer(Besieged& t) {
    const auto reason = DropReason::handshake_unknown_peer;
    const crypto::KeyMaterial nothing;
    for (int i = 0; i < 50; ++i) {
        WireClient stranger(kCaller + static_cast<unsigned>(i) % 40, t.gateway);
        t.expect_drop(t.from_attacker(initiation_of(stranger, t.unix_nanoseconds())), reason,
                      "a stranger's initiation");
    }
    // In another peer's name: all but its own private key is known.
    t.expect_drop(t.from_attacker(forged_initiation(t, t.bench.b.public_key(), nothing)),
                  DropReason::handshake_bad_timestamp, "an initiation in b's name");
    t.expect_drop(t.from_attacker(forged_initiation(t, t.gateway.public_key(), nothing)), reason,
                  "an initiation in the gateway's own name");
    configure(t, t.gateway.public_key());
    t.expect_drop(t.from_attacker(forged_initiation(t, t.gateway.public_key(), nothing)),
                  DropReason::handshake_unusable_peer, "the same, its own key being a peer's");
    // For another gateway.
    WireClient elsewhere(kCaller, t.bench.b);
    t.expect_drop(t.from_attacker(initiation_of(elsewhere, t.unix_nanoseconds())),
                  DropReason::handshake_bad_mac1, "an initiation for another gateway");
    t.expect_honest("strangers");
}

void low_order_points_sent(Besieged& t) {
    const crypto::KeyMaterial zero;
    for (const crypto::PublicKey& point : low_order_points()) {
        t.expect_drop(t.from_attacker(forged_initiation(t, point, zero, t.bench.b.public_key(), zero)),
                      DropReason::handshake_bad_static, "a low-order ephemeral");
        t.expect_drop(t.from_attacker(forged_initiation(t, point, zero)), DropReason::handshake_unknown_peer,
                      "a low-order static key");
    }
    configure(t, low_order_points()[2]);
    t.expect_drop(t.from_attacker(forged_initiation(t, low_order_points()[2], zero)),
                  DropReason::handshake_unusable_peer, "a low-order static key that is a peer's");
    t.expect_honest("low-order points");
}

void answers_to_nothing(Besieged& t) {
    for (int i = 0; i < 200; ++i) {
        const crypto::ReceiverIndex guess{crypto::Le32(t.random.next_u32())};
        t.expect_drop(t.from_attacker(response_to(t, guess)), DropReason::handshake_unknown_index,
                      "a response to nothing");
        t.expect_drop(t.from_attacker(cookie_to(t, guess)), DropReason::handshake_unknown_index,
                      "a cookie for nothing");
    }
    for (const dataplane::Keypair& keypair : t.gateway.plane().keypairs) {
        if (keypair.keys == nullptr) continue;
        t.expect_drop(t.from_attacker(response_to(t, keypair.local_index)),
                      DropReason::handshake_no_handshake, "a response to a session");
        t.expect_drop(t.from_attacker(cookie_to(t, keypair.local_index)), DropReason::handshake_bad_cookie,
                      "a cookie for a session");
    }
    t.expect_honest("answers to nothing");
}

void macs_and_cookies(Besieged& t) {
    WireClient caller(kCaller, t.gateway);
    const PeerIndex peer = caller.join(t.gateway);
    const auto gets_cookie = [&](const Bytes& frame, const std::string& what) {
        t.put_under_load();
        t.expect(frame, {.drop = DropReason::handshake_cookie_sent, .dropped = 1, .answers = 1}, what);
    };
    std::uint64_t now = t.unix_nanoseconds();
    const Bytes first = caller.initiation(now);
    t.put_under_load();
    for (std::size_t bit = 116 * 8; bit < 132 * 8; ++bit) {
        t.expect_drop(t.from_attacker(with_bit_flipped(message_in(first), bit)),
                      DropReason::handshake_bad_mac1, "a wrong mac1 under load");
    }
    gets_cookie(first, "no mac2 under load");
    for (const Bytes& answer : t.answers())
        (void)caller.take(answer);
    if (!caller.has_cookie()) return t.require(false, "the caller has a cookie");

    now += kSecond;
    const Bytes second = caller.initiation(now);
    for (std::size_t bit = 132 * 8; bit < 148 * 8; ++bit) {
        Bytes changed = second;
        const std::size_t at = changed.size() - sizeof(crypto::MessageInitiation) + bit / 8;
        changed[at] = static_cast<std::uint8_t>(changed[at] ^ 1U << bit % 8);
        gets_cookie(changed, "a wrong mac2");
    }
    gets_cookie(t.from_attacker(message_in(second)), "another's cookie");
    gets_cookie(t.from_attacker(message_in(second), Family::v6), "another's cookie over IPv6");
    gets_cookie(t.from_attacker(message_in(second), Family::v4, TestGateway::kListenPort),
                "another host's cookie");
    t.expect_honest("foreign cookies");
    t.bench.network.pass(121s);
    gets_cookie(second, "an expired cookie");
    t.call_honestly();

    now = t.unix_nanoseconds();
    gets_cookie(caller.initiation(now), "a stale cookie's initiation");
    for (const Bytes& answer : t.answers())
        (void)caller.take(answer);
    t.put_under_load();
    t.expect_handshake(caller.initiation(now + kSecond), peer, 1, "a good cookie");
}

}  // namespace ringway::tests
