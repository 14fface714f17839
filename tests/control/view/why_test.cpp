#include "control/view/why.h"

#include <doctest/doctest.h>

#include <functional>
#include <set>

#include "control/protocol/durations.h"
#include "control/view/json.h"

namespace ringway::control {
namespace {

using namespace std::chrono_literals;
using dataplane::NeighbourState;
using protocol::ns;
using protocol::PeerProblem;
using protocol::PeerTroubles;
using protocol::Verdict;
using Reason = SessionReason;

constexpr dataplane::Nanoseconds kNow = ns(1h);

dataplane::IpAddress address(std::uint8_t last) {
    return {.family = dataplane::Family::v4, .bytes = {192, 0, 2, last}};
}

/// Configured with an endpoint that can be reached, and never contacted.
PeerView fresh_peer() {
    PeerView peer;
    peer.now = kNow;
    peer.now_unix_nanoseconds = 1'800'000'000'000'000'000;
    peer.endpoint = dataplane::Endpoint{.remote = address(12), .remote_port = 51820};
    peer.path = PathView{.kind = PathView::Kind::port,
                         .to = "wan",
                         .next_hop = address(12),
                         .neighbour = NeighbourState::usable};
    return peer;
}

protocol::Stranger stranger(Verdict verdict) {
    return {.from = {.remote = address(12), .remote_port = 51820}, .verdict = verdict, .at = kNow - ns(3s)};
}

struct Case {
    Reason reason;
    const char* text;
    std::function<void(PeerView& peer, PeerTroubles& troubles)> happens;
};

const std::vector<Case> kCases = {
    {Reason::never_contacted, "never contacted: no packet for it so far, and none from it",
     [](PeerView&, PeerTroubles&) {}},
    {Reason::no_endpoint, "no endpoint: none is configured, so it must call first",
     [](PeerView& peer, PeerTroubles&) {
         peer.endpoint.reset();
         peer.path.reset();
     }},
    {Reason::no_endpoint,
     "no endpoint: none is configured, so it must call first; somebody at 192.0.2.12:51820 called 3 s ago "
     "with key AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=, which no peer of the tunnel has",
     [](PeerView& peer, PeerTroubles&) {
         peer.endpoint.reset();
         peer.path.reset();
         peer.protocol.problem = PeerProblem::no_endpoint;
         peer.stranger = stranger(Verdict::unknown_peer);
     }},
    {Reason::no_answer,
     "no answer to 5 initiations in 23 s, since 2027-01-15T07:59:37.000Z: is it up, does it know our key, "
     "can it be reached?",
     [](PeerView& peer, PeerTroubles& troubles) {
         peer.protocol.problem = PeerProblem::no_answer;
         troubles.unanswered = 5;
         troubles.unanswered_since = kNow - ns(23s);
     }},
    {Reason::wrong_key,
     "wrong key: 3 responses of it did not authenticate: its preshared key is not the one configured here",
     [](PeerView& peer, PeerTroubles& troubles) {
         peer.protocol.problem = PeerProblem::no_answer;
         troubles.unanswered = 3;
         troubles.bad_responses = 3;
     }},
    {Reason::wrong_key,
     "wrong key: its endpoint 192.0.2.12:51820 called 3 s ago with key "
     "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=, which no peer of the tunnel has",
     [](PeerView& peer, PeerTroubles& troubles) {
         troubles.unanswered = 3;
         peer.stranger = stranger(Verdict::unknown_peer);
         peer.stranger_at_endpoint = true;
     }},
    {Reason::wrong_key,
     "wrong key: its endpoint 192.0.2.12:51820 called 3 s ago with another public key for this gateway",
     [](PeerView& peer, PeerTroubles&) {
         peer.stranger = stranger(Verdict::bad_mac1);
         peer.stranger_at_endpoint = true;
     }},
    {Reason::unusable_key,
     "wrong key: its public key can never work, it is a low-order point or the tunnel's own",
     [](PeerView& peer, PeerTroubles&) { peer.protocol.problem = PeerProblem::unusable_key; }},
    {Reason::no_private_key, "the tunnel has no private key",
     [](PeerView& peer, PeerTroubles&) { peer.protocol.problem = PeerProblem::no_private_key; }},
    {Reason::unknown_name, "its endpoint's name can't be resolved: no such host",
     [](PeerView& peer, PeerTroubles&) { peer.name_error = "no such host"; }},
    {Reason::old_timestamp,
     "old timestamp: 2 initiations of it refused, the last 1 m 5 s ago, for a timestamp not newer than one "
     "before: its clock went back, or an old message was sent again",
     [](PeerView&, PeerTroubles& troubles) {
         troubles.refused = 2;
         troubles.refused_at = kNow - ns(65s);
         troubles.refused_for = Verdict::replayed;
     }},
    {Reason::no_room, "no room: no receiver index or session was free for it",
     [](PeerView&, PeerTroubles& troubles) {
         troubles.refused = 1;
         troubles.refused_for = Verdict::no_session;
     }},
    {Reason::no_room, "no room: no receiver index or session was free for it",
     [](PeerView& peer, PeerTroubles&) { peer.protocol.problem = PeerProblem::no_index; }},
    {Reason::not_taken_up,
     "not taken up: it called and was answered 2 times in 7 s, but uses no session: our answers do not "
     "reach it, or its preshared key is another",
     [](PeerView&, PeerTroubles& troubles) {
         troubles.unconfirmed = 2;
         troubles.unconfirmed_since = kNow - ns(7s);
         // The network has doubled one of its messages.
         troubles.refused = 1;
     }},
    {Reason::cookie, "cookie: it is under load and gave us a cookie, which our next initiation carries",
     [](PeerView&, PeerTroubles& troubles) { troubles.unanswered = troubles.cookies = 1; }},
    {Reason::cookie_loop,
     "cookie loop: 7 initiations brought 6 cookies and no session: it is under load all the time, or our "
     "address changes on the way to it",
     [](PeerView&, PeerTroubles& troubles) {
         troubles.unanswered = 7;
         troubles.cookies = 6;
     }},
    {Reason::route_missing, "route missing: no route leads to its endpoint 192.0.2.12",
     [](PeerView& peer, PeerTroubles& troubles) {
         peer.path = PathView{};
         troubles.unanswered = 9;
     }},
    {Reason::route_missing,
     "route missing: the host's route to its endpoint 192.0.2.12 leads to none of the ports",
     [](PeerView& peer, PeerTroubles&) { peer.path = PathView{.kind = PathView::Kind::host}; }},
    {Reason::route_missing, "route missing: the route to its endpoint 192.0.2.12 is a blackhole",
     [](PeerView& peer, PeerTroubles&) { peer.path = PathView{.kind = PathView::Kind::blackhole}; }},
    {Reason::route_missing, "route missing: its endpoint 192.0.2.12 is an address of this host",
     [](PeerView& peer, PeerTroubles&) { peer.path = PathView{.kind = PathView::Kind::local}; }},
    {Reason::never_contacted, "never contacted: no packet for it so far, and none from it",
     [](PeerView& peer, PeerTroubles&) {
         peer.path = PathView{.kind = PathView::Kind::tunnel, .to = "wg1"};
     }},
    {Reason::neighbour_unresolved,
     "neighbour unresolved: 192.0.2.254 on port wan does not answer (ARP or neighbour discovery failed)",
     [](PeerView& peer, PeerTroubles& troubles) {
         peer.path->next_hop = address(254);
         peer.path->neighbour = NeighbourState::failed;
         troubles.unanswered = 2;
     }},
    {Reason::neighbour_unresolved, "neighbour unresolved: 192.0.2.12 on port wan is not resolved yet",
     [](PeerView& peer, PeerTroubles& troubles) {
         peer.path->neighbour = NeighbourState::absent;
         troubles.unanswered = 2;
     }},
    // Nobody has asked for it yet.
    {Reason::never_contacted, "never contacted: no packet for it so far, and none from it",
     [](PeerView& peer, PeerTroubles&) { peer.path->neighbour = NeighbourState::absent; }},
    {Reason::session_ended, "session ended: the next packet makes a new one",
     [](PeerView& peer, PeerTroubles&) {
         peer.protocol.problem = PeerProblem::none;
         peer.protocol.last_handshake_unix_ns = 1;
     }},
};

}  // namespace

TEST_CASE("each reason for having no session is told from the others, and said in a sentence") {
    std::set<Reason> seen = {Reason::none};
    for (const Case& c : kCases) {
        PeerView peer = fresh_peer();
        c.happens(peer, peer.protocol.troubles);
        CHECK_MESSAGE(reason_of(peer) == c.reason, c.text);
        CHECK(sentence(c.reason, peer) == c.text);
        seen.insert(c.reason);
    }
    CHECK(seen.size() == static_cast<std::size_t>(Reason::session_ended) + 1);
}

TEST_CASE("every reason has a name of its own") {
    std::set<std::string_view> names;
    for (int i = 0; i <= static_cast<int>(Reason::session_ended); ++i)
        names.insert(name(static_cast<Reason>(i)));
    CHECK(names.size() == static_cast<std::size_t>(Reason::session_ended) + 1);
    CHECK(name(Reason::none).empty());
}

TEST_CASE("the way to a peer in words") {
    PathView path = *fresh_peer().path;
    CHECK(path_text(path) == "by port wan, next hop 192.0.2.12 resolved");
    path.neighbour = NeighbourState::failed;
    CHECK(path_text(path) == "by port wan, next hop 192.0.2.12 does not answer");
    path.neighbour = NeighbourState::absent;
    CHECK(path_text(path) == "by port wan, next hop 192.0.2.12 not resolved");
    CHECK(path_text({.kind = PathView::Kind::tunnel, .to = "wg1"}) == "into tunnel wg1");
    CHECK(path_text({}) == "none: no route leads to the endpoint");
}

TEST_CASE("the JSON tells the same, in numbers") {
    PeerView peer = fresh_peer();
    peer.protocol.troubles.unanswered = 2;
    peer.protocol.troubles.unanswered_since = kNow - ns(5s);
    peer.reason = reason_of(peer);
    const Json json = to_json(peer);
    CHECK(json["reason"] == "no_answer");
    CHECK(json["path"]["to"] == "wan");
    CHECK(json["path"]["neighbour"] == "resolved");
    CHECK(json["since_last_handshake"]["unanswered_initiations"] == 2);
    CHECK(json["since_last_handshake"]["unanswered_seconds"] == doctest::Approx(5));
    CHECK(json["since_last_handshake"]["last_refusal"] == nullptr);
    CHECK(json["stranger"] == nullptr);
    CHECK(to_json(PeerView{})["reason"] == nullptr);
    CHECK(to_json(PeerView{})["path"] == nullptr);
}

}  // namespace ringway::control
