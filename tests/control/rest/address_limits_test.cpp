#include "control/rest/address_limits.h"

#include <doctest/doctest.h>

namespace ringway::control::rest {
namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;

ClientAddress v4(std::uint8_t last, std::uint8_t third = 0) {
    dataplane::IpAddress address;
    address.bytes = {192, 0, third, last};
    return ClientAddress(address);
}

ClientAddress v6(std::uint8_t subnet, std::uint8_t last) {
    dataplane::IpAddress address{.family = dataplane::Family::v6};
    address.bytes = {0x20, 1, 0xd, 0xb8, 0, 0, 0, subnet};
    address.bytes[15] = last;
    return ClientAddress(address);
}

std::size_t taken(AddressLimits& limits, const ClientAddress& client, std::uint64_t now) {
    std::size_t count = 0;
    while (limits.take(client, 1, now))
        ++count;
    return count;
}

}  // namespace

TEST_CASE("a client has a burst, and after it the rate; another one has its own") {
    AddressLimits limits;
    CHECK(taken(limits, v4(1), kSecond) == 2000);
    CHECK(taken(limits, v4(1), 2 * kSecond) == 1000);
    CHECK(taken(limits, v4(1), 2 * kSecond + kSecond / 2) == 500);
    CHECK(taken(limits, v4(2), 2 * kSecond) == 2000);
    CHECK(taken(limits, v4(1), 100 * kSecond) == 2000);
}

TEST_CASE("what costs more empties the bucket sooner, and below its bottom") {
    AddressLimits limits;
    limits.charge(v4(1), 3000, kSecond);
    CHECK_FALSE(limits.take(v4(1), 1, kSecond));
    CHECK_FALSE(limits.take(v4(1), 1, 2 * kSecond));
    CHECK(limits.take(v4(1), 1, 3 * kSecond));
}

TEST_CASE("an IPv6 client is its /64") {
    CHECK(v6(1, 1) == v6(1, 2));
    CHECK(v6(1, 1) != v6(2, 1));
    dataplane::IpAddress mapped{.family = dataplane::Family::v6};
    mapped.bytes = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1};
    dataplane::IpAddress other = mapped;
    other.bytes[15] = 2;
    CHECK(ClientAddress(mapped) != ClientAddress(other));
}

TEST_CASE("connections are counted by client") {
    AddressLimits limits;
    limits.connected(v4(1), kSecond);
    limits.connected(v4(2), kSecond);
    limits.connected(v4(2), kSecond);
    CHECK(limits.connections(v4(2)) == 2);
    CHECK(limits.busiest() == v4(2));
    limits.disconnected(v4(2));
    limits.disconnected(v4(2));
    limits.disconnected(v4(2));
    CHECK(limits.connections(v4(2)) == 0);
    CHECK(limits.busiest() == v4(1));
}

TEST_CASE("any number of addresses takes a bounded number of places, and who is connected keeps its own") {
    AddressLimits limits;
    limits.connected(v4(0, 0), kSecond);
    limits.charge(v4(0, 0), 1990, kSecond);
    for (unsigned i = 1; i < 60'000; ++i)
        CHECK(limits.take(v4(static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(i >> 8)), 1, kSecond));
    CHECK(limits.clients() <= AddressLimits::kMaxClients);
    CHECK(limits.connections(v4(0, 0)) == 1);
    CHECK(taken(limits, v4(0, 0), kSecond) == 10);
}

}  // namespace ringway::control::rest
