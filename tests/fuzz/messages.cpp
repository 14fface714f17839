// Random bytes into everything of the handshake that takes bytes from the wire.
//
// The first byte of the input chooses who it is for, the rest is the message, its end missing or beyond the
// message's length. Nothing forged may be believed, and no refusal may leave a trace.

#include "tests/fuzz/messages.h"

#include <algorithm>

#include "crypto/cookie.h"
#include "tests/crypto/wire_bytes.h"
#include "tests/fuzz/promise.h"
#include "tests/fuzz/targets.h"

namespace ringway::tests {

namespace {

using namespace crypto;

constexpr std::uint64_t kNow = 1'000'000'000;
constexpr std::array<std::uint8_t, 6> kSource = {192, 0, 2, 1, 0xca, 0x6c};

/// `bytes` as a message, cut off or filled up with zeros.
template <typename Message>
Message shaped(std::span<const std::uint8_t> bytes) {
    Message message{};
    std::ranges::copy(bytes.first(std::min(bytes.size(), sizeof(message))), bytes_of(message).begin());
    return message;
}

/// An initiation to Bob: believed only if Alice sealed exactly this.
void feed_initiation(const TwoSides& sides, const MessageInitiation& message) {
    OpenedInitiation opened;
    Handshake handshake;
    if (open_initiation(opened, sides.bob, message)) {
        const auto timestamp = open_timestamp(opened, sides.bobs_alice, message);
        if (timestamp) {
            promise(message.unencrypted_ephemeral == sides.initiation.unencrypted_ephemeral, "Alice's key");
            promise(message.encrypted_static == sides.initiation.encrypted_static, "Alice's name");
            promise(message.encrypted_timestamp == sides.initiation.encrypted_timestamp, "Alice's time");
        }
        accept_initiation(handshake, opened);
        promise(timestamp.has_value() == (handshake.state == Handshake::State::initiation_consumed),
                "only a whole initiation is consumed");
    }
    promise(snapshot(opened) == snapshot(OpenedInitiation()), "what was opened is wiped");
}

/// A response to Alice: believed only if Bob sealed exactly this, without a trace otherwise.
void feed_response(TwoSides& sides, const MessageResponse& message) {
    Handshake handshake;
    handshake.state = sides.alices.state;
    handshake.symmetric = sides.alices.symmetric.copy();
    handshake.ephemeral_private = sides.alices.ephemeral_private.copy();
    handshake.local_index = sides.alices.local_index;
    if (consume_response(handshake, sides.alice, sides.alices_bob, message)) {
        promise(message.unencrypted_ephemeral == sides.response.unencrypted_ephemeral, "Bob's key");
        promise(message.encrypted_nothing == sides.response.encrypted_nothing, "Bob's tag");
        promise(derive_transport_keys(handshake).has_value(), "a response makes a session");
    } else {
        promise(snapshot(handshake) == snapshot(sides.alices), "a refusal leaves no trace");
    }
}

/// A cookie reply to Alice: believed only if it is Bob's.
void feed_cookie_reply(const FuzzScene& scene, const MessageCookieReply& reply) {
    CookieHolder holder(scene.sides.bob.public_key);
    auto sent = scene.sides.initiation;
    holder.add_macs(bytes_of(sent), kNow);
    const bool believed = holder.consume_reply(reply, kNow);
    if (believed) promise(reply.encrypted_cookie == scene.cookie_reply.encrypted_cookie, "Bob's cookie");
    holder.add_macs(bytes_of(sent), kNow);
    promise(believed == (sent.macs.mac2 != decltype(sent.macs.mac2){}), "mac2 is of a cookie");
}

/// Any length whatever to Bob's judge of MACs.
void feed_checker(FuzzScene& scene, std::span<const std::uint8_t> message) {
    CookieChecker checker(scene.sides.bob.public_key);
    const auto verdict = checker.check(message, kSource, true, kNow, scene.sides.random);
    promise(verdict != CookieChecker::Verdict::valid_cookie, "no cookie of a minute ago is known");
    if (verdict == CookieChecker::Verdict::invalid_mac) return;
    MessageCookieReply reply;
    checker.make_reply(reply, message, TwoSides::kAliceIndex, kSource, kNow, scene.sides.random);
}

}  // namespace

FuzzScene::FuzzScene() : sides(1) {
    promise(sides.exchange(), "Alice and Bob meet");
    CookieHolder(sides.bob.public_key).add_macs(bytes_of(sides.initiation), kNow);
    CookieChecker(sides.bob.public_key)
        .make_reply(cookie_reply, bytes_of(sides.initiation), TwoSides::kAliceIndex, kSource, kNow,
                    sides.random);
}

void FuzzScene::feed(std::span<const std::uint8_t> input) {
    if (input.empty()) return;
    const auto message = input.subspan(1);
    switch (static_cast<Target>(input.front() % kTargets)) {
        case Target::initiation:
            return feed_initiation(sides, shaped<MessageInitiation>(message));
        case Target::response:
            return feed_response(sides, shaped<MessageResponse>(message));
        case Target::cookie_reply:
            return feed_cookie_reply(*this, shaped<MessageCookieReply>(message));
        case Target::checker:
            return feed_checker(*this, message);
    }
}

void fuzz_messages(Input input) {
    static FuzzScene scene;
    scene.feed(input);
}

}  // namespace ringway::tests
