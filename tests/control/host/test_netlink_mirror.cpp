#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "control/host/host_control.h"
#include "control/host/netlink_mirror.h"
#include "control/host/tun_device.h"
#include "tests/control/host/namespaces.h"
#include "tests/control/host/recording_listener.h"

using namespace ringway::control::host;
using ringway::tests::address;
using ringway::tests::TestNetns;
using ringway::tests::Watch;

namespace {

/// One namespace with a veth pair in it: "v0" with addresses, and "v1" up.
struct Lab {
    Lab() {
        red.batch({"link add v0 address 02:00:00:00:00:01 type veth peer name v1", "link set v1 up",
                   "link set v0 up", "addr add 192.0.2.1/24 dev v0", "addr add 2001:db8::1/64 dev v0 nodad"});
        index = HostControl::open(red.handle()).value().find_interface("v0").value();
    }
    TestNetns red{"red"};
    InterfaceIndex index = 0;
};

}  // namespace

TEST_CASE("the mirror finds what was there before it") {
    const Lab lab;
    lab.red.ip("route add 10.0.0.0/8 via 192.0.2.2 metric 7 src 192.0.2.1 mtu 1400");
    lab.red.ip("route add fd00::/8 via 2001:db8::2");
    lab.red.ip("neigh add 192.0.2.2 lladdr 02:00:00:00:00:02 dev v0");
    lab.red.ip("neigh add 2001:db8::2 lladdr 02:00:00:00:00:03 dev v0");
    const Watch watch(lab.red);
    const auto& heard = watch.heard;

    const Link* link = heard.find_link("v0");
    REQUIRE(link != nullptr);
    CHECK(*link == Link{.index = lab.index,
                        .name = "v0",
                        .mac = {2, 0, 0, 0, 0, 1},
                        .mtu = 1500,
                        .up = true,
                        .running = true});
    REQUIRE(heard.find_address(lab.index, "192.0.2.1/24") != nullptr);
    CHECK(heard.find_address(lab.index, "192.0.2.1/24")->subnet == ringway::tests::prefix("192.0.2.0/24"));
    REQUIRE(heard.find_address(lab.index, "2001:db8::1/64") != nullptr);
    CHECK_FALSE(heard.find_address(lab.index, "2001:db8::1/64")->tentative);

    const Route* v4 = heard.find_route("10.0.0.0/8");
    REQUIRE(v4 != nullptr);
    CHECK(v4->next_hops == std::vector<NextHop>{{.gateway = address("192.0.2.2"), .interface = lab.index}});
    CHECK(v4->metric == 7);
    CHECK(v4->mtu == 1400);
    CHECK(v4->preferred_source == address("192.0.2.1"));
    const Route* v6 = heard.find_route("fd00::/8");
    REQUIRE(v6 != nullptr);
    CHECK(v6->next_hops == std::vector<NextHop>{{.gateway = address("2001:db8::2"), .interface = lab.index}});

    REQUIRE(heard.find_route("192.0.2.0/24") != nullptr);
    CHECK_FALSE(heard.find_route("192.0.2.0/24")->next_hops.front().gateway.has_value());
    REQUIRE(heard.find_route("192.0.2.1/32", RT_TABLE_LOCAL) != nullptr);
    CHECK(heard.find_route("192.0.2.1/32", RT_TABLE_LOCAL)->type == RouteType::local);
    CHECK(heard.find_route("192.0.2.255/32", RT_TABLE_LOCAL)->type == RouteType::broadcast);
    REQUIRE(heard.find_route("2001:db8::1/128", RT_TABLE_LOCAL) != nullptr);
    CHECK(heard.find_route("2001:db8::1/128", RT_TABLE_LOCAL)->type == RouteType::local);

    for (const auto& [text, last] : {std::pair{"192.0.2.2", 2}, std::pair{"2001:db8::2", 3}}) {
        CAPTURE(text);
        const Neighbour* neighbour = heard.find_neighbour(lab.index, text);
        REQUIRE(neighbour != nullptr);
        CHECK(neighbour->state == NeighbourState::usable);
        CHECK(neighbour->mac == MacAddress{2, 0, 0, 0, 0, static_cast<std::uint8_t>(last)});
    }
}

TEST_CASE("the mirror follows links: made, renamed, changed, taken down, moved away, removed") {
    const Lab lab;
    const TestNetns blue("blue");
    Watch watch(lab.red);
    lab.red.ip("link add x0 type veth peer name x1");
    watch.sync();
    REQUIRE(watch.heard.find_link("x0") != nullptr);
    CHECK_FALSE(watch.heard.find_link("x0")->up);

    lab.red.ip("link set x0 name y0 mtu 1300 address 02:00:00:00:00:07");
    watch.sync();
    CHECK(watch.heard.find_link("x0") == nullptr);
    REQUIRE(watch.heard.find_link("y0") != nullptr);
    CHECK(watch.heard.find_link("y0")->mtu == 1300);
    CHECK(watch.heard.find_link("y0")->mac == MacAddress{2, 0, 0, 0, 0, 7});

    lab.red.ip("link set v0 down");
    watch.sync();
    CHECK_FALSE(watch.heard.find_link("v0")->up);
    lab.red.ip("link set y0 netns blue");
    lab.red.ip("link del v0");
    watch.sync();
    CHECK(watch.heard.find_link("y0") == nullptr);
    CHECK(watch.heard.find_link("v0") == nullptr);
    CHECK(watch.heard.find_address(lab.index, "192.0.2.1/24") == nullptr);
}

TEST_CASE("a bridge's word about its port leaves the link in the mirror") {
    const Lab lab;
    Watch watch(lab.red);
    lab.red.ip("link add br0 type bridge");
    lab.red.ip("link set v1 master br0");
    lab.red.ip("link set v1 nomaster");
    watch.sync();
    CHECK(watch.heard.find_link("v1") != nullptr);
}

TEST_CASE("the mirror follows addresses of both families") {
    const Lab lab;
    Watch watch(lab.red);
    for (const char* text : {"198.51.100.1/24", "2001:db8:1::1/64"}) {
        CAPTURE(text);
        lab.red.ip(fmt::format("addr add {} dev v0", text));
        CHECK(watch.until([&] {
            const Address* found = watch.heard.find_address(lab.index, text);
            return found != nullptr && !found->tentative;
        }));
        lab.red.ip(fmt::format("addr del {} dev v0", text));
        watch.sync();
        CHECK(watch.heard.find_address(lab.index, text) == nullptr);
    }
}

TEST_CASE("the mirror follows neighbours through resolution, failure and removal") {
    const TestNetns red("red");
    const auto tap =
        TunDevice::create(red.handle(), {.name = "tap0",
                                         .mac = {2, 0, 0, 0, 0, 1},
                                         .addresses = {ringway::tests::interface_address("192.0.2.1/24")}})
            .value();
    auto control = HostControl::open(red.handle()).value();
    Watch watch(red);
    const auto state = [&] {
        const Neighbour* found = watch.heard.find_neighbour(tap.index(), "192.0.2.2");
        return found != nullptr ? std::optional(found->state) : std::nullopt;
    };
    CHECK(watch.until([&] { return watch.heard.find_link("tap0")->running; }));

    REQUIRE(control.use_neighbour(tap.index(), address("192.0.2.2")).has_value());
    watch.sync();
    CHECK(state() != NeighbourState::usable);
    CHECK(Watch(red).heard.find_neighbour(tap.index(), "192.0.2.2")->state == NeighbourState::incomplete);
    CHECK(watch.until([&] { return state() == NeighbourState::failed; }));
    // Whoever asks again hears of the second failure too.
    CHECK(watch.heard.failures == 1);
    REQUIRE(control.use_neighbour(tap.index(), address("192.0.2.2")).has_value());
    CHECK(watch.until([&] { return watch.heard.failures == 2; }));
    CHECK(state() == NeighbourState::failed);

    red.ip("neigh replace 192.0.2.2 lladdr 02:00:00:00:00:02 dev tap0 nud reachable");
    watch.sync();
    CHECK(state() == NeighbourState::usable);
    red.ip("neigh replace 192.0.2.2 lladdr 02:00:00:00:00:03 dev tap0 nud stale");
    watch.sync();
    CHECK(watch.heard.find_neighbour(tap.index(), "192.0.2.2")->mac == MacAddress{2, 0, 0, 0, 0, 3});

    // Using it again makes the kernel check it: usable all the time, and so nothing to tell.
    const NeighbourKey key{tap.index(), address("192.0.2.2")};
    const unsigned reports = watch.heard.neighbour_reports[key];
    REQUIRE(control.use_neighbour(tap.index(), address("192.0.2.2")).has_value());
    watch.sync();
    CHECK(watch.heard.neighbour_reports[key] == reports);
    CHECK(red.ip("neigh show").find("DELAY") != std::string::npos);

    red.ip("neigh del 192.0.2.2 dev tap0");
    watch.sync();
    CHECK(state() != NeighbourState::usable);
}

TEST_CASE("lost notifications are made good, and only differences are told") {
    const Lab lab;
    Watch watch(lab.red, {.receive_buffer_bytes = 4096});
    std::vector<std::string> changes;
    for (int i = 0; i < 400; ++i) {
        changes.push_back(fmt::format("route add 10.{}.{}.0/24 via 192.0.2.2", i / 256, i % 256));
        if (i % 2 != 0) changes.push_back(fmt::format("route del 10.{}.{}.0/24", i / 256, i % 256));
    }
    changes.insert(changes.end(), {"addr add 198.51.100.1/24 dev v0", "link set v0 mtu 1300",
                                   "neigh add 192.0.2.2 lladdr 02:00:00:00:00:02 dev v0"});
    lab.red.batch(changes);
    watch.sync();

    CHECK(watch.mirror->overruns() > 0);
    CHECK(watch.heard.needless == 0);
    CHECK(watch.heard.find_link("v0")->mtu == 1300);
    CHECK(watch.heard.find_address(lab.index, "198.51.100.1/24") != nullptr);
    CHECK(watch.heard.find_neighbour(lab.index, "192.0.2.2") != nullptr);
    for (int i = 0; i < 400; ++i) {
        CAPTURE(i);
        CHECK((watch.heard.find_route(fmt::format("10.{}.{}.0/24", i / 256, i % 256)) != nullptr) ==
              (i % 2 == 0));
    }

    const Watch fresh(lab.red);
    CHECK(fresh.heard.routes == watch.heard.routes);
    CHECK(fresh.heard.addresses == watch.heard.addresses);
    CHECK(fresh.heard.links == watch.heard.links);
}

TEST_CASE("a mirror that begins anew tells what went meanwhile, too, and only differences") {
    const Lab lab;
    lab.red.batch({"route add 10.1.0.0/24 via 192.0.2.2", "route add 10.2.0.0/24 via 192.0.2.2"});
    Watch watch(lab.red);
    REQUIRE(watch.heard.find_route("10.1.0.0/24") != nullptr);
    lab.red.batch({"route del 10.1.0.0/24", "route add 10.3.0.0/24 via 192.0.2.2"});

    // As after an error: what the old socket holds is not read any more.
    REQUIRE(watch.mirror->reopen(lab.red.handle()).has_value());
    watch.sync();
    CHECK(watch.heard.find_route("10.1.0.0/24") == nullptr);
    CHECK(watch.heard.find_route("10.3.0.0/24") != nullptr);
    CHECK(watch.heard.reports_of("10.2.0.0/24") == 1);
    CHECK(watch.heard.needless == 0);

    lab.red.ip("route del 10.2.0.0/24");
    watch.sync();
    CHECK(watch.heard.find_route("10.2.0.0/24") == nullptr);
}

TEST_CASE("a mirror sees its own namespace only") {
    const Lab lab;
    const TestNetns blue("blue");
    Watch watch(blue);
    lab.red.ip("addr add 198.51.100.1/24 dev v0");
    watch.sync();
    CHECK(watch.heard.find_link("v0") == nullptr);
    CHECK(watch.heard.find_address(lab.index, "198.51.100.1/24") == nullptr);
}
