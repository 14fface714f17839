#include <doctest/doctest.h>

#include "tests/support/packets.h"
#include "tools/load/frame.h"
#include "tools/load/neighbours.h"

namespace ringway::tests {
namespace {

using load::IpAddress;
using load::Neighbours;

constexpr load::MacAddress kOurs{2, 0, 0, 0, 0, 1};
constexpr load::MacAddress kTheirs{2, 0, 0, 0, 0, 2};

Neighbours at(const std::string& own, const std::string& next_hop, const load::MacAddress& mac) {
    return {mac, address(own), address(next_hop),
            [mine = address(own)](const IpAddress& asked) { return asked == mine; }};
}

TEST_CASE("two neighbours find each other's address") {
    for (const bool v4 : {true, false}) {
        const std::string one = v4 ? "192.0.2.1" : "2001:db8::1";
        const std::string two = v4 ? "192.0.2.2" : "2001:db8::2";
        Neighbours ours = at(one, two, kOurs);
        Neighbours theirs = at(two, one, kTheirs);
        const auto answer = theirs.take(ours.question());
        REQUIRE(answer);
        REQUIRE_FALSE(answer->empty());
        CHECK(theirs.next_hop_mac() == kOurs);
        CHECK_FALSE(ours.next_hop_mac());
        CHECK(ours.take(*answer).value().empty());
        CHECK(ours.next_hop_mac() == kTheirs);
    }
}

TEST_CASE("nobody answers for an address that is not his") {
    for (const bool v4 : {true, false}) {
        const Neighbours asking =
            at(v4 ? "192.0.2.1" : "2001:db8::1", v4 ? "192.0.2.3" : "2001:db8::3", kOurs);
        Neighbours other = at(v4 ? "192.0.2.2" : "2001:db8::2", v4 ? "192.0.2.1" : "2001:db8::1", kTheirs);
        const auto answer = other.take(asking.question());
        REQUIRE(answer);
        CHECK(answer->empty());
    }
}

TEST_CASE("frames that are cut short are nothing") {
    for (const bool v4 : {true, false}) {
        Neighbours ours = at(v4 ? "192.0.2.2" : "2001:db8::2", v4 ? "192.0.2.1" : "2001:db8::1", kTheirs);
        const load::Frame question =
            at(v4 ? "192.0.2.1" : "2001:db8::1", v4 ? "192.0.2.2" : "2001:db8::2", kOurs).question();
        const std::size_t needed = v4 ? question.size() : question.size() - 8;  // the last is an option
        for (std::size_t size = 0; size < needed; ++size) {
            const auto answer = ours.take({question.data(), size});
            CHECK((!answer || answer->empty()));
        }
    }
}

TEST_CASE("other frames are not taken") {
    Neighbours ours = at("2001:db8::1", "2001:db8::2", kOurs);
    const Bytes packet =
        udp_packet({.source = address("2001:db8::2"), .destination = address("2001:db8::1")}, {});
    CHECK_FALSE(ours.take(frame(kOurs, kTheirs, packet)));
}

}  // namespace
}  // namespace ringway::tests
