#include <doctest/doctest.h>

#include <linux/rtnetlink.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <vector>

#include "control/host/netlink_attributes.h"
#include "control/host/netlink_parse.h"
#include "control/host/netlink_socket.h"
#include "tests/control/host/namespaces.h"

using namespace ringway::control::host;
using ringway::tests::address;
using ringway::tests::prefix;

namespace {

/// A route to 10.0.0.0/8 with two next hops, as the kernel would tell it.
void fill_multipath(NetlinkRequest& request) {
    auto& header = request.header<rtmsg>();
    header.rtm_family = AF_INET;
    header.rtm_dst_len = 8;
    header.rtm_table = RT_TABLE_MAIN;
    header.rtm_type = RTN_UNICAST;
    request.put_address(RTA_DST, address("10.0.0.0"));
    std::vector<std::uint8_t> hops;
    for (const int interface : {2, 3}) {
        rtnexthop hop{.rtnh_len = sizeof hop, .rtnh_flags = 0, .rtnh_hops = 4, .rtnh_ifindex = interface};
        const auto* bytes = reinterpret_cast<const std::uint8_t*>(&hop);
        hops.insert(hops.end(), bytes, bytes + sizeof hop);
    }
    request.put(RTA_MULTIPATH, hops);
}

}  // namespace

TEST_CASE("a multipath route is read with all of its next hops") {
    NetlinkRequest request(RTM_NEWROUTE, 0);
    fill_multipath(request);
    const auto route = parse_route(request.message());
    REQUIRE(route.has_value());
    CHECK(route->prefix == prefix("10.0.0.0/8"));
    CHECK(route->next_hops ==
          std::vector<NextHop>{{.interface = 2, .weight = 5}, {.interface = 3, .weight = 5}});
}

TEST_CASE("a message cut anywhere is read without looking past its end") {
    NetlinkRequest whole(RTM_NEWROUTE, 0);
    fill_multipath(whole);
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(whole.message());
    for (std::uint32_t length = NLMSG_HDRLEN; length < whole.message()->nlmsg_len; ++length) {
        CAPTURE(length);
        // Exactly as large as the message says, so that a sanitizer sees any read behind it.
        std::vector<std::uint8_t> cut(bytes, bytes + length);
        std::memcpy(cut.data(), &length, sizeof length);
        const auto route = parse_route(reinterpret_cast<const nlmsghdr*>(cut.data()));
        CHECK(route.has_value() == (length >= NLMSG_HDRLEN + sizeof(rtmsg)));
        if (route) CHECK(route->next_hops.empty());
    }
}

TEST_CASE("a message is taken only if it is there whole, whatever its length says") {
    std::vector<std::uint8_t> datagram(2 * NLMSG_HDRLEN + 3);
    const auto set_length = [&](std::size_t at, std::uint32_t length) {
        std::memcpy(datagram.data() + at, &length, sizeof length);
    };
    set_length(0, NLMSG_HDRLEN + 1);  // and three bytes up to the next
    set_length(NLMSG_HDRLEN + 4, NLMSG_HDRLEN - 1);
    std::span<const std::uint8_t> left(datagram);
    CHECK(take_message(left) == reinterpret_cast<const nlmsghdr*>(datagram.data()));
    CHECK(left.size() == NLMSG_HDRLEN - 1);
    CHECK(take_message(left) == nullptr);
    for (const std::uint32_t length :
         {0U, NLMSG_HDRLEN - 1U, 2U * NLMSG_HDRLEN + 4, 0x7fffffffU, 0x80000000U, 0xb3b3b3b3U, 0xffffffffU}) {
        CAPTURE(length);
        set_length(0, length);
        std::span<const std::uint8_t> all(datagram);
        CHECK(take_message(all) == nullptr);
    }
}

TEST_CASE("an error's code is an errno, whatever the message says") {
    const auto code_of = [](std::int32_t said) {
        NetlinkRequest answer(NLMSG_ERROR, 0);
        answer.header<nlmsgerr>().error = said;
        return error_of(answer.message(), "test").code;
    };
    CHECK(code_of(0) == 0);
    CHECK(code_of(-EEXIST) == EEXIST);
    for (const std::int32_t none : {1, -5000, INT32_MAX, INT32_MIN})
        CHECK(code_of(none) == EPROTO);
}

TEST_CASE("an attribute of the wrong length is as one that is not there") {
    NetlinkRequest request(RTM_NEWROUTE, 0);
    request.header<rtmsg>();
    request.put_u8(RTA_PRIORITY, 7);
    const NetlinkAttributes<RTA_MAX> attributes(request.message(), sizeof(rtmsg));
    CHECK(attributes.has(RTA_PRIORITY));
    CHECK(attributes.u32(RTA_PRIORITY, 42) == 42);
    CHECK_FALSE(attributes.address(RTA_PRIORITY, Family::v4).has_value());
}

TEST_CASE("what is not an address, a route or a neighbour of ours is left out") {
    NetlinkRequest bridge_port(RTM_NEWLINK, 0);
    bridge_port.header<ifinfomsg>().ifi_family = AF_BRIDGE;
    CHECK_FALSE(parse_link(bridge_port.message()).has_value());

    NetlinkRequest cached(RTM_NEWROUTE, 0);
    auto& header = cached.header<rtmsg>();
    header.rtm_family = AF_INET6;
    header.rtm_flags = RTM_F_CLONED;
    CHECK_FALSE(parse_route(cached.message()).has_value());

    NetlinkRequest forwarding_entry(RTM_NEWNEIGH, 0);
    forwarding_entry.header<ndmsg>().ndm_family = AF_BRIDGE;
    CHECK_FALSE(parse_neighbour(forwarding_entry.message()).has_value());
}
