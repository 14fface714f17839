#include "control/events/events.h"

#include <doctest/doctest.h>

#include <array>

#include "control/events/json.h"
#include "tests/control/log/capture.h"

namespace ringway::control {
namespace {

/// Peer 1 is alice, peer 2 has no name, and there is no other.
struct Names final : EventNames {
    bool describe_peer(protocol::PeerId peer, Event& event) const override {
        if (peer != 1 && peer != 2) return false;
        event.tunnel.assign("wg0");
        if (peer == 1) event.peer.assign("alice");
        event.has_key = true;
        event.endpoint = endpoint(1);
        return true;
    }
    void describe_tunnel(protocol::TunnelId, const crypto::PublicKey*, Event& event) const override {
        event.tunnel.assign("wg0");
    }
    static dataplane::Endpoint endpoint(std::uint8_t number) {
        dataplane::Endpoint out{.remote_port = number};
        out.remote.bytes = {192, 0, 2, number};
        return out;
    }
};

struct Bench {
    Bench() { events.set_names(names); }
    [[nodiscard]] Json json(std::uint64_t sequence) {
        return to_json(events.journal().read(sequence).value());
    }

    test::CapturedLog captured;
    Names names;
    Events events{captured.logger,
                  {.wall = [this] { return captured.now; }, .monotonic = [this] { return captured.now; }}};
};

const std::string kKey = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

}  // namespace

TEST_CASE("an event is in the journal and in the log, with the same number") {
    Bench bench;
    bench.events.peer_up(1, true);
    REQUIRE(bench.captured.lines.size() == 1);
    CHECK(bench.captured.lines[0] == "test: peer_up sequence=1 tunnel=wg0 peer=alice public_key=" + kKey +
                                         " endpoint=192.0.2.1:1 role=initiator");
    CHECK(
        bench.json(1).dump() ==
        R"({"sequence":1,"time":"1970-01-01T00:00:00.000Z","event":"peer_up","tunnel":"wg0","peer":"alice",)"
        R"("public_key":")" +
            kKey + R"(","endpoint":"192.0.2.1:1","role":"initiator"})");
}

TEST_CASE("a change is told with who made it") {
    Bench bench;
    const std::array<FieldChange, 2> fields{{{"endpoint", "none -> 192.0.2.1:1"}, {"preshared_key", "set"}}};
    bench.events.configuration_changed_of(2, {ChangedBy::rest, Change::peer_changed, fields});
    bench.events.configuration_changed(0, {ChangedBy::file, Change::tunnel_changed});
    const Json first = bench.json(1);
    CHECK(first["by"] == "rest");
    CHECK(first["change"] == "peer_changed");
    CHECK(first["peer"].is_null());
    CHECK(first["fields"] == Json::array({"endpoint", "preshared_key"}));
    CHECK(first["details"] == "endpoint none -> 192.0.2.1:1, preshared_key set");
    CHECK(bench.json(2)["by"] == "file");
    CHECK_FALSE(bench.json(2).contains("public_key"));
}

TEST_CASE("what strangers cause is told at a bounded rate, each reason by itself") {
    Bench bench;
    const auto refuse = [&](protocol::Verdict why) {
        bench.events.initiation_refused(0, crypto::PublicKey{}, why, Names::endpoint(9));
    };
    for (int i = 0; i < 10'000; ++i)
        refuse(protocol::Verdict::unknown_peer);
    CHECK(bench.captured.lines.size() == 5);
    refuse(protocol::Verdict::replayed);
    CHECK(bench.captured.lines.size() == 6);
    bench.captured.now += 20'000'000'000;
    refuse(protocol::Verdict::unknown_peer);
    CHECK(bench.json(7)["withheld"] == 9995);
    CHECK(bench.json(7)["endpoint"] == "192.0.2.9:9");
    CHECK(bench.events.journal().newest() == 7);
}

TEST_CASE("of a peer that is gone nothing is told") {
    Bench bench;
    bench.events.peer_down(7, protocol::DownReason::removed);
    bench.events.peer_roamed(7, Names::endpoint(1), Names::endpoint(2));
    CHECK(bench.events.journal().newest() == 0);
}

TEST_CASE("roaming is told with both endpoints") {
    Bench bench;
    bench.events.peer_roamed(1, Names::endpoint(1), Names::endpoint(2));
    CHECK(bench.json(1)["endpoint_before"] == "192.0.2.1:1");
    CHECK(bench.json(1)["endpoint"] == "192.0.2.2:2");
}

}  // namespace ringway::control
