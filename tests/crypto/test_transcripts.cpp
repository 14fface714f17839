// Our handshake beside the one of transcript.py, which shares no code with it.

#include <doctest/doctest.h>

#include <algorithm>

#include "crypto/blake2s.h"
#include "crypto/cookie.h"
#include "crypto/noise.h"
#include "tests/crypto/scripted_random.h"
#include "tests/crypto/transcripts.h"
#include "tests/crypto/wire_bytes.h"

namespace ringway::crypto {
namespace {

using tests::bytes_of;
using tests::message_from;
using tests::ScriptedRandom;
using tests::snapshot;
using tests::Transcript;

constexpr std::uint64_t kNow = 1'000'000'000;

template <typename Bytes>
std::vector<std::uint8_t> vector_of(const Bytes& bytes) {
    return {bytes.begin(), bytes.end()};
}

template <typename Bytes>
ScriptedRandom scripted(const Bytes& bytes) {
    return ScriptedRandom(vector_of(bytes));
}

ReceiverIndex index(std::uint32_t value) {
    return {Le32(value)};
}

/// Both sides of one transcript.
struct Sides {
    explicit Sides(const Transcript& from)
        : initiator(LocalIdentity::from(PrivateKey(from.initiator_private))),
          responder(LocalIdentity::from(PrivateKey(from.responder_private))),
          initiators_remote(
              RemoteIdentity::from(initiator, {from.responder_public}, PresharedKey(from.preshared_key))),
          responders_remote(
              RemoteIdentity::from(responder, {from.initiator_public}, PresharedKey(from.preshared_key))) {}

    LocalIdentity initiator, responder;
    RemoteIdentity initiators_remote, responders_remote;
};

/// Puts `handshake` where it is after the transcript's initiation was sent.
MessageInitiation initiate(const Transcript& transcript, const Sides& sides, Handshake& handshake) {
    auto random = scripted(transcript.initiator_ephemeral);
    MessageInitiation message;
    REQUIRE(create_initiation(handshake, sides.initiator, sides.initiators_remote,
                              index(transcript.initiator_index), {transcript.timestamp}, random, message));
    CHECK(random.is_used_up());
    return message;
}

TEST_CASE("the initial chaining key and hash are those of the construction and the identifier") {
    const auto bytes = [](std::string_view text) {
        return std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
    };
    std::array<std::uint8_t, 32> expected;
    blake2s(expected, bytes("Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s"));
    CHECK(kInitialChainingKey == expected);
    Blake2s().update(expected).update(bytes("WireGuard v1 zx2c4 Jason@zx2c4.com")).finish(expected);
    CHECK(kInitialHash == expected);
}

TEST_CASE("there are transcripts with and without a preshared key") {
    const auto has_key = [](const Transcript& transcript) {
        return transcript.preshared_key != decltype(transcript.preshared_key){};
    };
    CHECK(std::ranges::any_of(tests::transcripts(), has_key));
    CHECK_FALSE(std::ranges::all_of(tests::transcripts(), has_key));
}

TEST_CASE("public keys are the transcript's") {
    for (const Transcript& transcript : tests::transcripts()) {
        CAPTURE(transcript.name);
        const Sides sides(transcript);
        CHECK(sides.initiator.public_key.bytes == transcript.initiator_public);
        CHECK(sides.responder.public_key.bytes == transcript.responder_public);
    }
}

TEST_CASE("as initiator, our initiation is the transcript's, byte for byte, and we accept its response") {
    for (const Transcript& transcript : tests::transcripts()) {
        CAPTURE(transcript.name);
        const Sides sides(transcript);
        Handshake handshake;
        MessageInitiation initiation = initiate(transcript, sides, handshake);
        CookieHolder({transcript.responder_public}).add_macs(bytes_of(initiation), kNow);
        CHECK(snapshot(initiation) == vector_of(transcript.initiation));

        REQUIRE(consume_response(handshake, sides.initiator, sides.initiators_remote,
                                 message_from<MessageResponse>(transcript.response)));
        CHECK(handshake.remote_index == index(transcript.responder_index));
        const auto keys = derive_transport_keys(handshake);
        REQUIRE(keys);
        CHECK(keys->send.equals(SymmetricKey(transcript.initiator_sends)));
        CHECK(keys->receive.equals(SymmetricKey(transcript.responder_sends)));
    }
}

TEST_CASE("as responder, we accept the transcript's initiation, and our response is its, byte for byte") {
    for (const Transcript& transcript : tests::transcripts()) {
        CAPTURE(transcript.name);
        const Sides sides(transcript);
        const auto initiation = message_from<MessageInitiation>(transcript.initiation);
        OpenedInitiation opened;
        REQUIRE(open_initiation(opened, sides.responder, initiation));
        CHECK(opened.remote_static.bytes == transcript.initiator_public);
        const auto timestamp = open_timestamp(opened, sides.responders_remote, initiation);
        REQUIRE(timestamp);
        CHECK(timestamp->bytes == transcript.timestamp);

        Handshake handshake;
        accept_initiation(handshake, opened);
        CHECK(handshake.remote_index == index(transcript.initiator_index));
        auto random = scripted(transcript.responder_ephemeral);
        MessageResponse response;
        REQUIRE(create_response(handshake, sides.responders_remote, index(transcript.responder_index), random,
                                response));
        CHECK(random.is_used_up());
        CookieHolder({transcript.initiator_public}).add_macs(bytes_of(response), kNow);
        CHECK(snapshot(response) == vector_of(transcript.response));

        const auto keys = derive_transport_keys(handshake);
        REQUIRE(keys);
        CHECK(keys->send.equals(SymmetricKey(transcript.responder_sends)));
        CHECK(keys->receive.equals(SymmetricKey(transcript.initiator_sends)));
    }
}

/// One message and the cookie reply to it: we make the same reply, and as its receiver we put the
/// same mac2 on the message when it is sent once more.
void check_cookie(const Transcript& transcript, const PublicKey& judge, std::span<const std::uint8_t> message,
                  std::uint32_t sender, std::span<const std::uint8_t> reply,
                  std::span<const std::uint8_t> message_with_cookie) {
    std::vector<std::uint8_t> script = vector_of(transcript.cookie_secret);
    script.insert(script.end(), transcript.cookie_nonce.begin(), transcript.cookie_nonce.end());
    ScriptedRandom random(script);

    CookieChecker checker(judge);
    using Verdict = CookieChecker::Verdict;
    CHECK(checker.check(message, transcript.source, true, kNow, random) == Verdict::valid_no_cookie);
    MessageCookieReply made;
    checker.make_reply(made, message, index(sender), transcript.source, kNow, random);
    CHECK(random.is_used_up());
    CHECK(snapshot(made) == vector_of(reply));
    CHECK(checker.check(message_with_cookie, transcript.source, true, kNow, random) == Verdict::valid_cookie);

    CookieHolder holder(judge);
    std::vector<std::uint8_t> ours = vector_of(message);
    holder.add_macs(ours, kNow);
    CHECK(ours == vector_of(message));
    REQUIRE(holder.consume_reply(message_from<MessageCookieReply>(reply), kNow));
    holder.add_macs(ours, kNow);
    CHECK(ours == vector_of(message_with_cookie));
}

TEST_CASE("cookies and what they seal are the transcript's, as checker and as holder") {
    for (const Transcript& transcript : tests::transcripts()) {
        CAPTURE(transcript.name);
        check_cookie(transcript, {transcript.responder_public}, transcript.initiation,
                     transcript.initiator_index, transcript.cookie_reply_to_initiation,
                     transcript.initiation_with_cookie);
        check_cookie(transcript, {transcript.initiator_public}, transcript.response,
                     transcript.responder_index, transcript.cookie_reply_to_response,
                     transcript.response_with_cookie);
    }
}

}  // namespace
}  // namespace ringway::crypto
