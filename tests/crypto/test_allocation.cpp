// The handshake allocates nothing, be it believed or refused.

#include <doctest/doctest.h>

#include <cstddef>
#include <vector>

#include "crypto/cookie.h"
#include "tests/crypto/two_sides.h"
#include "tests/crypto/wire_bytes.h"
#include "tests/support/allocation_count.h"

namespace ringway::crypto {
namespace {

using tests::allocations_of_this_thread;
using tests::bytes_of;
using tests::TwoSides;

constexpr std::array<std::uint8_t, 6> kSource = {192, 0, 2, 1, 0xca, 0x6c};

TEST_CASE("an allocation would be counted") {
    const std::size_t before = allocations_of_this_thread();
    std::vector<std::uint8_t> bytes(1);
    bytes.reserve(1000);
    CHECK(allocations_of_this_thread() >= before + 2);
}

TEST_CASE("a whole handshake allocates nothing") {
    TwoSides sides(1);
    const std::size_t before = allocations_of_this_thread();
    const bool agreed = sides.exchange() && sides.consume_response() && derive_transport_keys(sides.alices) &&
                        derive_transport_keys(sides.bobs);
    const std::size_t after = allocations_of_this_thread();
    CHECK(agreed);
    CHECK(after == before);
}

TEST_CASE("a refused handshake allocates nothing") {
    TwoSides sides(2);
    REQUIRE(sides.exchange());
    const std::size_t before = allocations_of_this_thread();
    sides.response.encrypted_nothing[0] ^= 1;
    bool believed = sides.consume_response();
    sides.initiation.encrypted_timestamp[0] ^= 1;
    believed = believed || sides.consume_initiation();
    sides.initiation.encrypted_static[0] ^= 1;
    believed = believed || sides.consume_initiation();
    const auto nobody = RemoteIdentity::from(sides.alice, PublicKey{}, {});
    believed = believed || create_initiation(sides.alices, sides.alice, nobody, TwoSides::kAliceIndex,
                                             TwoSides::kTimestamp, sides.random, sides.initiation);
    const std::size_t after = allocations_of_this_thread();
    CHECK_FALSE(believed);
    CHECK(after == before);
}

TEST_CASE("MACs and cookies allocate nothing") {
    TwoSides sides(3);
    const auto message = bytes_of(sides.initiation);
    const std::size_t before = allocations_of_this_thread();
    CookieChecker checker(sides.bob.public_key);
    CookieHolder holder(sides.bob.public_key);
    MessageCookieReply reply;
    holder.add_macs(message, 1);
    checker.make_reply(reply, message, TwoSides::kAliceIndex, kSource, 1, sides.random);
    const bool believed = holder.consume_reply(reply, 1);
    holder.add_macs(message, 1);
    const auto verdict = checker.check(message, kSource, true, 1, sides.random);
    const std::size_t after = allocations_of_this_thread();
    CHECK(believed);
    CHECK(verdict == CookieChecker::Verdict::valid_cookie);
    CHECK(after == before);
}

}  // namespace
}  // namespace ringway::crypto
