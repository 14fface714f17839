// Random bytes into everything of the handshake that takes bytes from the wire.
//
// A libFuzzer entry. With clang++ as the compiler meson builds fuzz-handshake of it; with any
// compiler test_fuzz_handshake.cpp calls it in the normal run. The first byte of the input chooses
// who it is for, the rest is the message, its end missing or beyond the message's length. Aborts
// when something forged is believed, or a refusal left a trace.

#include <algorithm>
#include <cstdlib>

#include "crypto/cookie.h"
#include "tests/crypto/fuzz_handshake.h"
#include "tests/crypto/wire_bytes.h"

namespace ringway::tests {

namespace {

using namespace crypto;

constexpr std::uint64_t kNow = 1'000'000'000;
constexpr std::array<std::uint8_t, 6> kSource = {192, 0, 2, 1, 0xca, 0x6c};

void require(bool holds) {
    if (!holds) std::abort();
}

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
            require(message.unencrypted_ephemeral == sides.initiation.unencrypted_ephemeral);
            require(message.encrypted_static == sides.initiation.encrypted_static);
            require(message.encrypted_timestamp == sides.initiation.encrypted_timestamp);
        }
        accept_initiation(handshake, opened);
        require(timestamp.has_value() == (handshake.state == Handshake::State::initiation_consumed));
    }
    require(snapshot(opened) == snapshot(OpenedInitiation()));
}

/// A response to Alice: believed only if Bob sealed exactly this, without a trace otherwise.
void feed_response(TwoSides& sides, const MessageResponse& message) {
    Handshake handshake;
    handshake.state = sides.alices.state;
    handshake.symmetric = sides.alices.symmetric.copy();
    handshake.ephemeral_private = sides.alices.ephemeral_private.copy();
    handshake.local_index = sides.alices.local_index;
    if (consume_response(handshake, sides.alice, sides.alices_bob, message)) {
        require(message.unencrypted_ephemeral == sides.response.unencrypted_ephemeral);
        require(message.encrypted_nothing == sides.response.encrypted_nothing);
        require(derive_transport_keys(handshake).has_value());
    } else {
        require(snapshot(handshake) == snapshot(sides.alices));
    }
}

/// A cookie reply to Alice: believed only if it is Bob's.
void feed_cookie_reply(const FuzzScene& scene, const MessageCookieReply& reply) {
    CookieHolder holder(scene.sides.bob.public_key);
    auto sent = scene.sides.initiation;
    holder.add_macs(bytes_of(sent), kNow);
    const bool believed = holder.consume_reply(reply, kNow);
    if (believed) require(reply.encrypted_cookie == scene.cookie_reply.encrypted_cookie);
    holder.add_macs(bytes_of(sent), kNow);
    require(believed == (sent.macs.mac2 != decltype(sent.macs.mac2){}));
}

/// Any length whatever to Bob's judge of MACs.
void feed_checker(FuzzScene& scene, std::span<const std::uint8_t> message) {
    CookieChecker checker(scene.sides.bob.public_key);
    const auto verdict = checker.check(message, kSource, true, kNow, scene.sides.random);
    require(verdict != CookieChecker::Verdict::valid_cookie);
    if (verdict == CookieChecker::Verdict::invalid_mac) return;
    MessageCookieReply reply;
    checker.make_reply(reply, message, TwoSides::kAliceIndex, kSource, kNow, scene.sides.random);
}

}  // namespace

FuzzScene::FuzzScene() : sides(1) {
    require(sides.exchange());
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

}  // namespace ringway::tests

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static ringway::tests::FuzzScene scene;
    scene.feed({data, size});
    return 0;
}
