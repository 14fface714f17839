#include <doctest/doctest.h>

#include <cerrno>
#include <future>
#include <thread>

#include "control/host/netns.h"
#include "tests/control/host/namespaces.h"

using namespace ringway::control::host;
using ringway::tests::shell;
using ringway::tests::TestNetns;

namespace {

NetnsId current() {
    return NetnsHandle::open("").value().id();
}

}  // namespace

TEST_CASE("two names of one namespace are recognised, two namespaces told apart") {
    const TestNetns red("red");
    const TestNetns blue("blue");
    shell("touch /run/netns/crimson; mount --bind /run/netns/red /run/netns/crimson");
    const auto crimson = NetnsHandle::open("crimson").value();
    CHECK(crimson.same_as(red.handle()));
    CHECK_FALSE(crimson.same_as(blue.handle()));
    CHECK(red.handle().duplicate().value().same_as(red.handle()));
    shell("ip netns del crimson");
}

TEST_CASE("a namespace that is not there, or a path, is an error that names it") {
    const auto missing = NetnsHandle::open("nowhere");
    REQUIRE_FALSE(missing.has_value());
    CHECK(missing.error().code == ENOENT);
    CHECK(missing.error().message().find("nowhere") != std::string::npos);
    CHECK(NetnsHandle::open("../../proc/self/ns/net").error().code == EINVAL);
    CHECK(NetnsHandle::open("..").error().code == EINVAL);
}

TEST_CASE("with_netns runs in the namespace and comes back, after success, failure and exception") {
    const TestNetns red("red");
    const NetnsId home = current();

    const auto inside = with_netns(red.handle(), []() -> Result<NetnsId> { return current(); });
    CHECK(inside.value() == red.handle().id());
    CHECK(current() == home);

    const auto failed = with_netns(red.handle(), []() -> Result<int> { return failure(ENODEV, "do it"); });
    CHECK(failed.error().code == ENODEV);
    CHECK(current() == home);

    const auto throws = []() -> Result<int> { throw 1; };
    CHECK_THROWS((void)with_netns(red.handle(), throws));
    CHECK(current() == home);
}

TEST_CASE("with_netns moves no other thread") {
    const TestNetns red("red");
    const NetnsId home = current();
    std::promise<void> moved;
    std::promise<NetnsId> seen;
    std::thread bystander([&] {
        moved.get_future().wait();
        seen.set_value(current());
    });
    const auto seen_inside = with_netns(red.handle(), [&]() -> Result<NetnsId> {
        moved.set_value();
        return seen.get_future().get();
    });
    bystander.join();
    CHECK(seen_inside.value() == home);
}
