#include <doctest/doctest.h>

#include <cerrno>

#include "control/host/host_control.h"
#include "control/host/sysctl.h"
#include "tests/control/host/namespaces.h"

using namespace ringway::control::host;
using ringway::tests::address;
using ringway::tests::interface_address;
using ringway::tests::prefix;
using ringway::tests::TestNetns;

namespace {

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

/// A namespace with one end of a veth pair, "v0".
struct Lab {
    Lab() {
        red.ip("link add v0 type veth peer name v1");
        red.ip("link set v1 up");
        index = control.find_interface("v0").value();
    }
    TestNetns red{"red"};
    HostControl control = HostControl::open(red.handle()).value();
    InterfaceIndex index = 0;
};

}  // namespace

TEST_CASE("links are found by name, brought up and changed") {
    Lab lab;
    CHECK(lab.control.find_interface("nothing").error().code == ENODEV);
    CHECK(lab.control.find_interface("a-name-beyond-15").error().code == ENODEV);
    REQUIRE(lab.control.set_mac(lab.index, {2, 0, 0, 0, 0, 9}).has_value());
    REQUIRE(lab.control.set_mtu(lab.index, 1300).has_value());
    REQUIRE(lab.control.set_up(lab.index, true).has_value());
    const std::string link = lab.red.ip("link show dev v0");
    CHECK(contains(link, "02:00:00:00:00:09"));
    CHECK(contains(link, "mtu 1300"));
    CHECK(contains(link, ",UP"));
    REQUIRE(lab.control.set_up(lab.index, false).has_value());
    CHECK_FALSE(contains(lab.red.ip("link show dev v0"), ",UP"));
}

TEST_CASE("addresses of both families come and go, and adding one twice is no error") {
    Lab lab;
    for (const char* text : {"192.0.2.1/24", "192.0.2.9/31", "2001:db8::1/64"}) {
        CAPTURE(text);
        const auto each = interface_address(text);
        REQUIRE(lab.control.add_address(lab.index, each).has_value());
        CHECK(lab.control.add_address(lab.index, each).has_value());
        CHECK(contains(lab.red.ip("addr show dev v0"), text));
        REQUIRE(lab.control.remove_address(lab.index, each).has_value());
        CHECK_FALSE(contains(lab.red.ip("addr show dev v0"), text));
        CHECK_FALSE(lab.control.remove_address(lab.index, each).has_value());
    }
}

TEST_CASE("routes go to a device or a gateway, carry our protocol number, and can be replaced") {
    Lab lab;
    REQUIRE(lab.control.set_up(lab.index, true).has_value());
    REQUIRE(lab.control.add_address(lab.index, interface_address("192.0.2.1/24")).has_value());
    REQUIRE(lab.control.add_address(lab.index, interface_address("2001:db8::1/64"), false).has_value());

    REQUIRE(lab.control.add_route({.to = prefix("10.0.0.0/8"), .interface = lab.index, .metric = 50})
                .has_value());
    CHECK(contains(lab.red.ip("route show"), "10.0.0.0/8 dev v0 proto 87 scope link metric 50"));
    CHECK(lab.control.add_route({.to = prefix("10.0.0.0/8"), .interface = lab.index, .metric = 50})
              .error()
              .code == EEXIST);
    REQUIRE(lab.control.replace_route({.to = prefix("10.0.0.0/8"), .via = address("192.0.2.2"), .metric = 50})
                .has_value());
    CHECK(contains(lab.red.ip("route show"), "10.0.0.0/8 via 192.0.2.2 dev v0 proto 87 metric 50"));
    REQUIRE(lab.control
                .add_route({.to = prefix("0.0.0.0/0"), .via = address("2001:db8::2"), .interface = lab.index})
                .has_value());
    CHECK(contains(lab.red.ip("route show"), "default via inet6 2001:db8::2 dev v0 proto 87"));
    REQUIRE(lab.control.add_route({.to = prefix("fd00::/8"), .via = address("2001:db8::2"), .table = 100})
                .has_value());
    CHECK(contains(lab.red.ip("-6 route show table 100"), "fd00::/8 via 2001:db8::2 dev v0 proto 87"));

    REQUIRE(lab.control.remove_route({.to = prefix("10.0.0.0/8"), .metric = 50}).has_value());
    CHECK_FALSE(contains(lab.red.ip("route show"), "10.0.0.0/8"));
    CHECK(lab.control.remove_route({.to = prefix("10.0.0.0/8"), .metric = 50}).error().code == ESRCH);
}

TEST_CASE("routes of others are not ours to remove") {
    Lab lab;
    REQUIRE(lab.control.set_up(lab.index, true).has_value());
    lab.red.ip("route add 10.0.0.0/8 dev v0");
    CHECK(lab.control.remove_route({.to = prefix("10.0.0.0/8"), .interface = lab.index}).error().code ==
          ESRCH);
    CHECK(contains(lab.red.ip("route show"), "10.0.0.0/8"));
}

TEST_CASE("an error says what was attempted and carries the kernel's words") {
    Lab lab;
    const auto refused = lab.control.add_route({.to = prefix("10.0.0.0/8"), .via = address("203.0.113.1")});
    REQUIRE_FALSE(refused.has_value());
    CHECK(contains(refused.error().message(), "add route 10.0.0.0/8 via 203.0.113.1"));
    CHECK_FALSE(refused.error().detail.empty());
}

TEST_CASE("settings are read and written in the namespace that was named") {
    Lab lab;
    REQUIRE(write_sysctl(lab.red.handle(), "ipv6/conf/v0/disable_ipv6", "1").has_value());
    CHECK(read_sysctl(lab.red.handle(), "ipv6/conf/v0/disable_ipv6").value() == "1");
    CHECK(read_sysctl(NetnsHandle::open("").value(), "ipv6/conf/v0/disable_ipv6").error().code == ENOENT);
}
