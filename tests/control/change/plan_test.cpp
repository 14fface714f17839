// What a plan says of a change, before it is made.

#include "control/change/plan.h"

#include <doctest/doctest.h>

#include "config/base64.h"
#include "control/configured_peers.h"

namespace ringway::control {
namespace {

config::SecretKey secret(std::uint8_t fill) {
    std::array<std::uint8_t, config::kKeyBytes> bytes;
    bytes.fill(fill);
    return config::SecretKey(bytes);
}

config::Prefix prefix(std::string_view text) {
    return config::parse_prefix(text).value();
}

config::Peer alice() {
    config::Peer peer;
    peer.name = "alice";
    peer.public_key.bytes.fill(7);
    peer.endpoint = config::parse_endpoint("192.0.2.1:51820").value();
    peer.allowed_ips = {prefix("10.9.0.2/32"), prefix("fd00::2/128")};
    return peer;
}

/// "field what" of the only change.
std::string only_field(const config::Peer& before, const config::Peer& wanted) {
    const auto change = compare_peers(before.copy(), wanted.copy());
    if (!change) return "";
    const auto fields = change->fields();
    REQUIRE(fields.size() == 1);
    return fields[0].field + " " + fields[0].what;
}

Plan plan_of(PeerChange change) {
    Plan plan;
    plan.tunnels.push_back({.tunnel = 0, .name = "wg0"});
    plan.tunnels.back().peers.push_back(std::move(change));
    return plan;
}

}  // namespace

TEST_CASE("a peer that is the same is no change, whatever the order of its allowed IPs") {
    config::Peer wanted = alice();
    std::swap(wanted.allowed_ips[0], wanted.allowed_ips[1]);
    wanted.line = 12;
    CHECK_FALSE(compare_peers(alice(), std::move(wanted)));
}

TEST_CASE("no preshared key and one of zeros are the same") {
    config::Peer wanted = alice();
    wanted.preshared_key = secret(0);
    CHECK_FALSE(compare_peers(alice(), std::move(wanted)));
}

TEST_CASE("each field that differs is told, and what becomes of it") {
    const config::Peer before = alice();
    config::Peer wanted = alice();
    SUBCASE("name") {
        wanted.name = "";
        CHECK(only_field(before, wanted) == "name alice -> none");
    }
    SUBCASE("endpoint") {
        wanted.endpoint = config::parse_endpoint("vpn.example.com:7").value();
        CHECK(only_field(before, wanted) == "endpoint 192.0.2.1:51820 -> vpn.example.com:7");
    }
    SUBCASE("no endpoint") {
        wanted.endpoint.reset();
        CHECK(only_field(before, wanted) == "endpoint 192.0.2.1:51820 -> none");
    }
    SUBCASE("allowed IPs") {
        wanted.allowed_ips = {prefix("10.9.0.2/32"), prefix("10.9.0.3/32")};
        CHECK(only_field(before, wanted) == "allowed_ips +10.9.0.3/32 -fd00::2/128");
    }
    SUBCASE("keepalive") {
        wanted.persistent_keepalive = 25;
        CHECK(only_field(before, wanted) == "persistent_keepalive 0 -> 25");
    }
}

TEST_CASE("a preshared key is told of, and never told") {
    config::Peer before = alice();
    config::Peer wanted = alice();
    wanted.preshared_key = secret(0x41);
    CHECK(only_field(before, wanted) == "preshared_key set");
    before.preshared_key = secret(0x42);
    CHECK(only_field(before, wanted) == "preshared_key changed");
    wanted.preshared_key.reset();
    CHECK(only_field(before, wanted) == "preshared_key removed");
}

TEST_CASE("the endpoint is put where the file says only if the file says something new") {
    config::Peer wanted = alice();
    wanted.persistent_keepalive = 5;
    const auto kept = compare_peers(alice(), wanted.copy());
    REQUIRE(kept);
    CHECK_FALSE(kept->set_endpoint);
    wanted.endpoint = config::parse_endpoint("192.0.2.9:1").value();
    const auto moved = compare_peers(alice(), wanted.copy());
    REQUIRE(moved);
    CHECK(moved->set_endpoint);
}

TEST_CASE("an endpoint that is said again is a change: the peer may have roamed") {
    const PeerChange change{.before = alice(), .wanted = alice(), .set_endpoint = true};
    REQUIRE(change.fields().size() == 1);
    CHECK(change.fields()[0].what == "-> 192.0.2.1:51820");
}

TEST_CASE("the text of a plan has a line for each change, its sign first") {
    using Kind = PeerChange::Kind;
    CHECK(text_of(summarize(plan_of({.kind = Kind::add, .wanted = alice()}))) ==
          "+ tunnel wg0 peer alice\npeers: 1 to add, 0 to change, 0 to remove\n");
    CHECK(text_of(summarize(plan_of({.kind = Kind::remove, .before = alice()}))) ==
          "- tunnel wg0 peer alice\npeers: 0 to add, 0 to change, 1 to remove\n");
    config::Peer nameless = alice();
    nameless.name.clear();
    config::Peer wanted = nameless.copy();
    wanted.persistent_keepalive = 1;
    const std::string key = config::base64_encode(nameless.public_key.bytes);
    CHECK(text_of(summarize(plan_of({.before = std::move(nameless), .wanted = std::move(wanted)}))) ==
          "~ tunnel wg0 peer " + key +
              ": persistent_keepalive 0 -> 1\npeers: 0 to add, 1 to change, 0 to remove\n");
}

TEST_CASE("a long plan is counted to its end, and told up to a limit") {
    Plan plan;
    plan.tunnels.push_back({.tunnel = 0, .name = "wg0"});
    for (int i = 0; i < 5; ++i)
        plan.tunnels.back().peers.push_back({.kind = PeerChange::Kind::add, .wanted = alice()});
    plan.needs_restart = {"ports changes at a restart only"};
    const PlanSummary summary = summarize(plan, 2);
    CHECK(summary.added == 5);
    CHECK(summary.changes.size() == 2);
    CHECK(summary.more == 3);
    CHECK(text_of(summary) ==
          "+ tunnel wg0 peer alice\n+ tunnel wg0 peer alice\n  and 3 more\n"
          "! ports changes at a restart only\npeers: 5 to add, 0 to change, 0 to remove\n");
}

TEST_CASE("names move with their peers, in whatever order a plan makes them") {
    ConfiguredPeers peers;
    peers.set(1, {"alice", std::nullopt});
    peers.set(2, {"bob", std::nullopt});
    peers.set(1, {"bob", std::nullopt});
    peers.set(2, {"alice", std::nullopt});
    CHECK(peers.find("bob") == 1);
    CHECK(peers.find("alice") == 2);
    peers.erase(1);
    CHECK_FALSE(peers.find("bob"));
    CHECK(peers.of(1).name.empty());
    CHECK(peers.of(2).name == "alice");
}

}  // namespace ringway::control
