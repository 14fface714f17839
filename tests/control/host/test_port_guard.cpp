#include <doctest/doctest.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <sstream>
#include <string>

#include "control/host/forwarding_ruleset.h"
#include "control/host/host_control.h"
#include "control/host/ingress_drop.h"
#include "control/host/port_guard.h"
#include "tests/control/host/namespaces.h"

using namespace ringway::control::host;
using ringway::control::FileDescriptor;
using ringway::tests::eventually;
using ringway::tests::join_by_veth;
using ringway::tests::send_udp;
using ringway::tests::TestNetns;
using ringway::tests::try_shell;

namespace {

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

/// client --(c0 w0)-- gateway, which forwards, --(l0 s0)-- server. The client's way to the server and to an
/// address of the gateway's other side is by w0's MAC, without ARP.
struct Lab {
    Lab() {
        join_by_veth(client, "c0", gateway, "w0");
        join_by_veth(gateway, "l0", server, "s0");
        gateway.batch({"link set w0 down", "link set w0 address 02:00:00:00:00:aa", "link set w0 up",
                       "addr add 192.0.2.1/24 dev w0", "addr add 192.0.2.9/24 dev w0 label w0:second",
                       "addr add 2001:db8::1/64 dev w0 nodad", "addr add 10.0.0.1/24 dev l0",
                       "route add 203.0.113.0/24 via 192.0.2.2 metric 33", "route add 203.0.112.0/24 dev w0",
                       "route add 2001:db8:9::/48 via 2001:db8::2 metric 44"});
        gateway.run("sysctl -qw net.ipv4.ip_forward=1");
        client.batch({"addr add 192.0.2.2/24 dev c0", "route add 10.0.0.0/24 via 192.0.2.1",
                      "neigh add 192.0.2.1 lladdr 02:00:00:00:00:aa dev c0"});
        server.batch({"addr add 10.0.0.2/24 dev s0", "route add default via 10.0.0.1"});
    }
    [[nodiscard]] bool reaches(const std::string& to) const {
        return try_shell("ip netns exec client ping -c 1 -W 0.5 " + to);
    }
    /// Everything of w0 that an operator could miss, but for the states of addresses that come and go.
    [[nodiscard]] std::string state() const {
        std::string text = gateway.ip("-o addr show dev w0") + gateway.ip("route show") +
                           gateway.ip("-6 route show") + gateway.run("ethtool -k w0") +
                           gateway.run("sysctl net.ipv6.conf.w0.disable_ipv6") +
                           gateway.run("nft list tables");
        for (const std::string word : {" tentative"}) {
            for (auto at = text.find(word); at != std::string::npos; at = text.find(word))
                text.erase(at, word.size());
        }
        return text;
    }
    TestNetns client{"client"};
    TestNetns gateway{"gateway"};
    TestNetns server{"server"};
};

/// A counter of /proc/net/snmp: ("Ip", "ForwDatagrams").
long counter(const TestNetns& netns, const std::string& group, const std::string& name) {
    std::istringstream lines(netns.run("cat /proc/net/snmp"));
    std::string names;
    for (std::string values; std::getline(lines, names) && std::getline(lines, values);) {
        std::istringstream name_words(names);
        std::istringstream value_words(values);
        std::string each;
        std::string value;
        while (name_words >> each && value_words >> value) {
            if (names.starts_with(group + ":") && each == name) return std::stol(value);
        }
    }
    FAIL("no counter " << group << " " << name);
    return 0;
}

/// A raw reader of an interface, as DPDK's af_packet driver is one.
class Tap {
  public:
    Tap(const TestNetns& netns, InterfaceIndex interface)
        : fd_(with_netns(netns.handle(), []() -> Result<FileDescriptor> {
                  return FileDescriptor(::socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, htons(ETH_P_ALL)));
              }).value()) {
        sockaddr_ll address{};
        address.sll_family = AF_PACKET;
        address.sll_protocol = htons(ETH_P_ALL);
        address.sll_ifindex = static_cast<int>(interface);
        REQUIRE(::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    }
    /// Waits for an IPv4 packet of `protocol` to 10.0.0.`last`.
    [[nodiscard]] bool sees(std::uint8_t protocol, std::uint8_t last) const {
        return eventually(fd_.get(), [&] {
            std::array<std::uint8_t, 2048> frame{};
            while (::recv(fd_.get(), frame.data(), frame.size(), 0) > 0) {
                if (frame[12] == 8 && frame[13] == 0 && frame[23] == protocol && frame[33] == last)
                    return true;
            }
            return false;
        });
    }

  private:
    FileDescriptor fd_;
};

constexpr std::uint8_t kIcmp = 1;
constexpr std::uint8_t kUdp = 17;

}  // namespace

TEST_CASE("a guarded interface's frames reach the packet tap and not the kernel's stack") {
    const Lab lab;
    REQUIRE(lab.reaches("10.0.0.1"));
    REQUIRE(lab.reaches("10.0.0.2"));
    const long forwarded = counter(lab.gateway, "Ip", "ForwDatagrams");
    const long received = counter(lab.gateway, "Ip", "InReceives");
    const long answered = counter(lab.gateway, "Icmp", "OutMsgs");
    {
        const auto guard = PortGuard::install(lab.gateway.handle(), "w0");
        REQUIRE_MESSAGE(guard.has_value(), guard.error().message());
        const Tap tap(lab.gateway, guard->index());
        CHECK_FALSE(lab.reaches("10.0.0.1"));
        CHECK(tap.sees(kIcmp, 1));
        CHECK_FALSE(lab.reaches("10.0.0.2"));
        CHECK(tap.sees(kIcmp, 2));
        send_udp(lab.client, "10.0.0.1", 51820, 1);
        CHECK(tap.sees(kUdp, 1));
    }
    // One ping through, there and back. Had the stack seen an earlier packet, it would show.
    REQUIRE(lab.reaches("10.0.0.2"));
    CHECK(counter(lab.gateway, "Ip", "ForwDatagrams") == forwarded + 2);
    CHECK(counter(lab.gateway, "Ip", "InReceives") == received + 2);
    CHECK(counter(lab.gateway, "Icmp", "OutMsgs") == answered);
}

TEST_CASE("a guarded interface has no addresses, IPv6 or offloads, and gets all back") {
    const Lab lab;
    const std::string before = lab.state();
    {
        const auto guard = PortGuard::install(lab.gateway.handle(), "w0");
        REQUIRE(guard.has_value());
        CHECK(guard->is_veth());
        CHECK_FALSE(contains(lab.gateway.ip("addr show dev w0"), "inet"));
        CHECK_FALSE(contains(lab.gateway.ip("route show"), "w0"));
        CHECK_FALSE(contains(lab.gateway.ip("-6 route show table all"), "w0"));
        CHECK(contains(lab.gateway.run("sysctl net.ipv6.conf.w0.disable_ipv6"), "= 1"));
        const std::string offloads = lab.gateway.run("ethtool -k w0");
        for (const std::string offload :
             {"generic-receive-offload", "tx-tcp-segmentation", "tx-checksumming"}) {
            CAPTURE(offload);
            CHECK(contains(offloads, offload + ": off"));
        }
        CHECK(contains(lab.gateway.run("nft list tables"), "table netdev ringway-w0"));
    }
    CHECK(lab.state() == before);
}

TEST_CASE("a guard brings its interface up and leaves it as it was") {
    const Lab lab;
    lab.gateway.ip("link set w0 down");
    {
        auto guard = PortGuard::install(lab.gateway.handle(), "w0");
        REQUIRE(guard.has_value());
        CHECK(contains(lab.gateway.ip("link show dev w0"), ",UP"));
        CHECK(guard->release().empty());
        CHECK_FALSE(contains(lab.gateway.ip("link show dev w0"), ",UP"));
    }
    CHECK(contains(lab.gateway.ip("addr show dev w0"), "192.0.2.9/24"));
}

TEST_CASE("one process guards an interface, and a flushed firewall doesn't open it") {
    const Lab lab;
    const auto guard = PortGuard::install(lab.gateway.handle(), "w0");
    REQUIRE(guard.has_value());
    const auto second = PortGuard::install(lab.gateway.handle(), "w0");
    REQUIRE_FALSE(second.has_value());
    CHECK(second.error().code == EPERM);
    lab.gateway.run("nft flush ruleset");
    CHECK(contains(lab.gateway.run("nft list tables"), "ringway-w0"));
}

TEST_CASE("a table left over without an owner is replaced") {
    const Lab lab;
    lab.gateway.run("nft add table netdev ringway-w0");
    lab.gateway.run("nft add chain netdev ringway-w0 other");
    const auto drop = IngressDrop::install(lab.gateway.handle(), "w0");
    REQUIRE_MESSAGE(drop.has_value(), drop.error().message());
    const std::string table = lab.gateway.run("nft list table netdev ringway-w0");
    CHECK_FALSE(contains(table, "other"));
    CHECK(contains(table, "policy drop"));
}

TEST_CASE("an interface that is missing or serves a bridge is refused and left alone") {
    const Lab lab;
    CHECK(PortGuard::install(lab.gateway.handle(), "none").error().code == ENODEV);
    lab.gateway.ip("link add br0 type bridge");
    lab.gateway.ip("link set w0 master br0");
    const std::string before = lab.state();
    CHECK(PortGuard::install(lab.gateway.handle(), "w0").error().code == EBUSY);
    CHECK(lab.state() == before);
}

TEST_CASE("an interface that vanishes under its guard does no harm") {
    const Lab lab;
    auto guard = PortGuard::install(lab.gateway.handle(), "w0");
    REQUIRE(guard.has_value());
    lab.gateway.ip("link del w0");
    CHECK_FALSE(guard->release().empty());
    CHECK(guard->release().empty());
}

TEST_CASE("a forwarding ruleset is one at a forward hook of IP") {
    const TestNetns red("red");
    CHECK(has_forwarding_ruleset(red.handle()).value() == false);
    red.run("nft add table inet t");
    red.run("nft 'add chain inet t in { type filter hook input priority 0; }'");
    red.run("nft add chain inet t forward");
    CHECK(has_forwarding_ruleset(red.handle()).value() == false);
    red.run("nft 'add chain inet t through { type filter hook forward priority 0; }'");
    CHECK(has_forwarding_ruleset(red.handle()).value() == true);
}
