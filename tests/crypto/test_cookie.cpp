#include "crypto/cookie.h"

#include <doctest/doctest.h>

#include <vector>

#include "tests/crypto/two_sides.h"
#include "tests/crypto/wire_bytes.h"

namespace ringway::crypto {
namespace {

using tests::bytes_of;
using tests::index;
using Verdict = CookieChecker::Verdict;

constexpr std::uint64_t kSecond = 1'000'000'000;
constexpr std::uint64_t kStart = 1'000 * kSecond;
constexpr std::array<std::uint8_t, 6> kSource = {192, 0, 2, 1, 0xca, 0x6c};

/// A client that knocks at a server from one address, under virtual time.
struct Knocker {
    explicit Knocker(std::uint64_t seed)
        : random(seed),
          server_key(x25519_base(generate_private_key(random))),
          checker(server_key),
          holder(server_key) {
        random.fill(bytes_of(message));
    }

    void send() { holder.add_macs(bytes_of(message), now); }
    Verdict judge(bool under_load, CookieSource source = kSource) {
        return checker.check(bytes_of(message), source, under_load, now, random);
    }
    MessageCookieReply reply(CookieSource source = kSource) {
        MessageCookieReply made;
        checker.make_reply(made, bytes_of(message), index(5), source, now, random);
        return made;
    }
    /// Sends, and gets a cookie for it.
    void earn_cookie() {
        send();
        REQUIRE(holder.consume_reply(reply(), now));
    }
    [[nodiscard]] bool has_mac2() const { return message.macs.mac2 != decltype(message.macs.mac2){}; }

    tests::SeededRandom random;
    PublicKey server_key;
    CookieChecker checker;
    CookieHolder holder;
    std::uint64_t now = kStart;
    MessageInitiation message{};
};

TEST_CASE("mac1 is right from the start, mac2 zero as long as there is no cookie") {
    Knocker knocker(1);
    knocker.send();
    CHECK_FALSE(knocker.has_mac2());
    CHECK(knocker.judge(false) == Verdict::valid_no_cookie);
    CHECK(knocker.judge(true) == Verdict::valid_no_cookie);
}

TEST_CASE("a flipped bit anywhere but in mac2 makes mac1 wrong") {
    Knocker knocker(2);
    knocker.send();
    for (std::size_t bit = 0; bit < 8 * (sizeof(MessageInitiation) - kMacBytes); ++bit) {
        CAPTURE(bit);
        const auto mask = static_cast<std::uint8_t>(1U << bit % 8);
        bytes_of(knocker.message)[bit / 8] ^= mask;
        CHECK(knocker.judge(bit % 2 == 0) == Verdict::invalid_mac);
        bytes_of(knocker.message)[bit / 8] ^= mask;
    }
    CHECK(knocker.judge(true) == Verdict::valid_no_cookie);
}

TEST_CASE("a message for another server has a wrong mac1") {
    Knocker knocker(3);
    knocker.send();
    Knocker other(4);
    other.message = knocker.message;
    CHECK(other.judge(false) == Verdict::invalid_mac);
}

TEST_CASE("a message shorter than its MACs is invalid, whatever its length") {
    Knocker knocker(5);
    const std::vector<std::uint8_t> bytes(sizeof(Macs));
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        CHECK(knocker.checker.check(std::span(bytes).first(size), kSource, true, kStart, knocker.random) ==
              Verdict::invalid_mac);
    }
}

TEST_CASE("the shorter message, a response, is guarded in the same way") {
    Knocker knocker(6);
    MessageResponse response{};
    knocker.random.fill(bytes_of(response));
    const auto judge = [&] {
        return knocker.checker.check(bytes_of(response), kSource, true, knocker.now, knocker.random);
    };
    knocker.holder.add_macs(bytes_of(response), knocker.now);
    CHECK(judge() == Verdict::valid_no_cookie);
    MessageCookieReply reply;
    knocker.checker.make_reply(reply, bytes_of(response), response.sender, kSource, knocker.now,
                               knocker.random);
    REQUIRE(knocker.holder.consume_reply(reply, knocker.now));
    knocker.holder.add_macs(bytes_of(response), knocker.now);
    CHECK(judge() == Verdict::valid_cookie);
}

TEST_CASE("a cookie makes the next message's mac2 right, under load alone") {
    Knocker knocker(7);
    knocker.earn_cookie();
    CHECK(knocker.judge(true) == Verdict::valid_no_cookie);
    knocker.send();
    CHECK(knocker.has_mac2());
    CHECK(knocker.judge(true) == Verdict::valid_cookie);
    CHECK(knocker.judge(false) == Verdict::valid_no_cookie);
}

TEST_CASE("a flipped bit in mac2 is no cookie") {
    Knocker knocker(8);
    knocker.earn_cookie();
    knocker.send();
    for (std::size_t bit = 0; bit < 8 * kMacBytes; ++bit) {
        const auto mask = static_cast<std::uint8_t>(1U << bit % 8);
        knocker.message.macs.mac2[bit / 8] ^= mask;
        CHECK(knocker.judge(true) == Verdict::valid_no_cookie);
        knocker.message.macs.mac2[bit / 8] ^= mask;
    }
    CHECK(knocker.judge(true) == Verdict::valid_cookie);
}

TEST_CASE("a cookie is bound to its address and port") {
    Knocker knocker(9);
    knocker.earn_cookie();
    knocker.send();
    auto other_port = kSource;
    other_port[5] ^= 1;
    auto other_address = kSource;
    other_address[0] ^= 1;
    std::array<std::uint8_t, 18> other_family{};
    CHECK(knocker.judge(true, other_port) == Verdict::valid_no_cookie);
    CHECK(knocker.judge(true, other_address) == Verdict::valid_no_cookie);
    CHECK(knocker.judge(true, other_family) == Verdict::valid_no_cookie);
    CHECK(knocker.judge(true) == Verdict::valid_cookie);
}

TEST_CASE("a reply made for another source gives a cookie that is worth nothing here") {
    Knocker knocker(10);
    knocker.send();
    auto other = kSource;
    other[3] ^= 1;
    REQUIRE(knocker.holder.consume_reply(knocker.reply(other), knocker.now));
    knocker.send();
    CHECK(knocker.judge(true) == Verdict::valid_no_cookie);
    CHECK(knocker.judge(true, other) == Verdict::valid_cookie);
}

TEST_CASE("the reply names the sender it goes to, and no two are sealed alike") {
    Knocker knocker(11);
    knocker.send();
    const auto reply = knocker.reply();
    CHECK(reply.type.host() == 3);
    CHECK(reply.receiver == index(5));
    const auto second = knocker.reply();
    CHECK(second.nonce != reply.nonce);
    CHECK(second.encrypted_cookie != reply.encrypted_cookie);
}

TEST_CASE("a reply to another message is refused") {
    Knocker knocker(12);
    knocker.send();
    const auto reply = knocker.reply();
    knocker.message.sender = index(6);
    knocker.send();
    CHECK_FALSE(knocker.holder.consume_reply(reply, knocker.now));
    CHECK(knocker.holder.consume_reply(knocker.reply(), knocker.now));
}

TEST_CASE("a reply is refused before any message was sent, and a second one to the same message") {
    Knocker knocker(13);
    knocker.send();
    const auto reply = knocker.reply();
    CookieHolder silent(knocker.server_key);
    CHECK_FALSE(silent.consume_reply(reply, knocker.now));
    CHECK(knocker.holder.consume_reply(reply, knocker.now));
    CHECK_FALSE(knocker.holder.consume_reply(reply, knocker.now));
}

TEST_CASE("a flipped bit in a reply's nonce or cookie is refused and leaves the cookie that we hold") {
    Knocker knocker(14);
    knocker.earn_cookie();
    knocker.send();
    const auto held = knocker.message.macs.mac2;
    auto reply = knocker.reply();
    for (std::size_t bit = 8 * offsetof(MessageCookieReply, nonce); bit < 8 * sizeof(reply); ++bit) {
        const auto mask = static_cast<std::uint8_t>(1U << bit % 8);
        bytes_of(reply)[bit / 8] ^= mask;
        CHECK_FALSE(knocker.holder.consume_reply(reply, knocker.now));
        bytes_of(reply)[bit / 8] ^= mask;
    }
    knocker.send();
    CHECK(knocker.message.macs.mac2 == held);
    CHECK(knocker.holder.consume_reply(reply, knocker.now));
}

TEST_CASE("the secret is renewed at 120 s: a cookie of the old one is worth nothing then") {
    Knocker knocker(15);
    knocker.earn_cookie();
    knocker.send();
    knocker.now = kStart + 120 * kSecond - 1;
    CHECK(knocker.judge(true) == Verdict::valid_cookie);
    knocker.now = kStart + 120 * kSecond;
    CHECK(knocker.judge(true) == Verdict::valid_no_cookie);
    knocker.earn_cookie();
    knocker.send();
    CHECK(knocker.judge(true) == Verdict::valid_cookie);
    // It does not come back, and the new one lasts as long.
    knocker.now += 120 * kSecond - 1;
    CHECK(knocker.judge(true) == Verdict::valid_cookie);
}

TEST_CASE("a reply renews the secret too") {
    Knocker knocker(16);
    knocker.earn_cookie();
    knocker.now = kStart + 120 * kSecond;
    knocker.earn_cookie();
    knocker.send();
    // Had the reply kept the old secret, judging would renew it and not know the cookie.
    CHECK(knocker.judge(true) == Verdict::valid_cookie);
}

TEST_CASE("the holder uses a cookie for 115 s from its receipt") {
    Knocker knocker(17);
    knocker.earn_cookie();
    knocker.now = kStart + 115 * kSecond - 1;
    knocker.send();
    CHECK(knocker.has_mac2());
    CHECK(knocker.judge(true) == Verdict::valid_cookie);
    knocker.now = kStart + 115 * kSecond;
    knocker.send();
    CHECK_FALSE(knocker.has_mac2());
    CHECK(knocker.judge(true) == Verdict::valid_no_cookie);
}

TEST_CASE("no randomness is drawn for messages whose mac1 is wrong, or while there is no load") {
    Knocker knocker(18);
    knocker.send();
    auto untouched = knocker.random;
    CHECK(knocker.judge(false) == Verdict::valid_no_cookie);
    knocker.message.macs.mac1[0] ^= 1;
    CHECK(knocker.judge(true) == Verdict::invalid_mac);
    CHECK(knocker.random.next_u32() == untouched.next_u32());
}

}  // namespace
}  // namespace ringway::crypto
