#include "control/view/why.h"

#include <fmt/format.h>

#include "control/view/age_text.h"
#include "control/view/json.h"

namespace ringway::control {

using dataplane::Nanoseconds;
using dataplane::NeighbourState;
using protocol::PeerProblem;
using protocol::PeerTroubles;
using protocol::Verdict;
using Reason = SessionReason;

namespace {

std::string age(const PeerView& peer, Nanoseconds then) {
    return age_text(peer.now > then ? static_cast<double>(peer.now - then) * 1e-9 : 0);
}

std::string times(std::uint32_t count, std::string_view what) {
    return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

bool is_reached_by_port(const PathView& path) {
    return path.kind == PathView::Kind::port;
}

/// Something was sent to it, so a next hop that is still unknown matters.
bool was_wanted(const PeerTroubles& troubles) {
    return troubles.unanswered != 0 || troubles.unconfirmed != 0;
}

Reason reason_of_way(const PeerView& peer) {
    if (!peer.path) return Reason::none;
    if (!is_reached_by_port(*peer.path) && peer.path->kind != PathView::Kind::tunnel)
        return Reason::route_missing;
    if (!is_reached_by_port(*peer.path)) return Reason::none;
    const NeighbourState neighbour = peer.path->neighbour;
    const bool missing = neighbour == NeighbourState::failed ||
                         (neighbour == NeighbourState::absent && was_wanted(peer.protocol.troubles));
    return missing ? Reason::neighbour_unresolved : Reason::none;
}

Reason reason_of_messages(const PeerView& peer) {
    const PeerTroubles& troubles = peer.protocol.troubles;
    const bool stranger_calls = peer.stranger && peer.stranger_at_endpoint;
    if (stranger_calls || troubles.bad_responses != 0) return Reason::wrong_key;
    // A message that the network doubled is refused, too: only more of them than were taken count.
    if (troubles.refused > troubles.unconfirmed) {
        if (troubles.refused_for == Verdict::replayed) return Reason::old_timestamp;
        if (troubles.refused_for != Verdict::flood) return Reason::no_room;
    }
    if (troubles.unconfirmed != 0) return Reason::not_taken_up;
    if (troubles.cookies > 1) return Reason::cookie_loop;
    if (troubles.cookies == 1) return Reason::cookie;
    return Reason::none;
}

Reason reason_of_problem(const PeerView& peer) {
    switch (peer.protocol.problem) {
        case PeerProblem::never_tried:
            return peer.endpoint ? Reason::never_contacted : Reason::no_endpoint;
        case PeerProblem::no_endpoint:
            return Reason::no_endpoint;
        case PeerProblem::no_index:
        case PeerProblem::no_session:
            return Reason::no_room;
        case PeerProblem::none:
            return peer.protocol.last_handshake_unix_ns == 0 ? Reason::never_contacted
                                                             : Reason::session_ended;
        default:
            return Reason::never_contacted;
    }
}

std::string stranger_text(const PeerView& peer) {
    const protocol::Stranger& stranger = *peer.stranger;
    const std::string place = endpoint_text(stranger.from);
    if (stranger.verdict == Verdict::bad_mac1)
        return fmt::format("its endpoint {} called {} ago with another public key for this gateway", place,
                           age(peer, stranger.at));
    return fmt::format("{} {} called {} ago with key {}, which no peer of the tunnel has",
                       peer.stranger_at_endpoint ? "its endpoint" : "somebody at", place,
                       age(peer, stranger.at), key_text(stranger.key));
}

std::string wrong_key_text(const PeerView& peer) {
    if (peer.stranger && peer.stranger_at_endpoint) return stranger_text(peer);
    return fmt::format("{} of it did not authenticate: its preshared key is not the one configured here",
                       times(peer.protocol.troubles.bad_responses, "response"));
}

std::string route_text(const PeerView& peer) {
    const std::string endpoint = peer.endpoint->remote.to_string();
    switch (peer.path->kind) {
        case PathView::Kind::local:
            return fmt::format("its endpoint {} is an address of this host", endpoint);
        case PathView::Kind::blackhole:
            return fmt::format("the route to its endpoint {} is a blackhole", endpoint);
        case PathView::Kind::host:
            return fmt::format("the host's route to its endpoint {} leads to none of the ports", endpoint);
        default:
            return fmt::format("no route leads to its endpoint {}", endpoint);
    }
}

std::string neighbour_text(const PeerView& peer) {
    const PathView& path = *peer.path;
    return fmt::format("{} on port {} {}", path.next_hop.to_string(), path.to,
                       path.neighbour == NeighbourState::failed
                           ? "does not answer (ARP or neighbour discovery failed)"
                           : "is not resolved yet");
}

std::string old_timestamp_text(const PeerView& peer) {
    const PeerTroubles& troubles = peer.protocol.troubles;
    return fmt::format(
        "{} of it refused, the last {} ago, for a timestamp not newer than one before: its clock went back, "
        "or "
        "an old message was sent again",
        times(troubles.refused, "initiation"), age(peer, troubles.refused_at));
}

std::string not_taken_up_text(const PeerView& peer) {
    const PeerTroubles& troubles = peer.protocol.troubles;
    return fmt::format(
        "it called and was answered {} in {}, but uses no session: our answers do not reach it, or its "
        "preshared key is another",
        times(troubles.unconfirmed, "time"), age(peer, troubles.unconfirmed_since));
}

std::string cookie_loop_text(const PeerView& peer) {
    const PeerTroubles& troubles = peer.protocol.troubles;
    return fmt::format(
        "{} brought {} and no session: it is under load all the time, or our address changes on the way to "
        "it",
        times(troubles.unanswered, "initiation"), times(troubles.cookies, "cookie"));
}

std::string no_answer_text(const PeerView& peer) {
    const PeerTroubles& troubles = peer.protocol.troubles;
    const Nanoseconds ago = peer.now - std::min(peer.now, troubles.unanswered_since);
    return fmt::format("no answer to {} in {}, since {}: is it up, does it know our key, can it be reached?",
                       times(troubles.unanswered, "initiation"), age(peer, troubles.unanswered_since),
                       time_text(peer.now_unix_nanoseconds - std::min(peer.now_unix_nanoseconds, ago)));
}

}  // namespace

std::string_view name(SessionReason reason) {
    switch (reason) {
        case Reason::none:
            return "";
        case Reason::no_private_key:
            return "no_private_key";
        case Reason::unusable_key:
            return "unusable_key";
        case Reason::unknown_name:
            return "unknown_name";
        case Reason::route_missing:
            return "route_missing";
        case Reason::neighbour_unresolved:
            return "neighbour_unresolved";
        case Reason::wrong_key:
            return "wrong_key";
        case Reason::old_timestamp:
            return "old_timestamp";
        case Reason::no_room:
            return "no_room";
        case Reason::not_taken_up:
            return "not_taken_up";
        case Reason::cookie_loop:
            return "cookie_loop";
        case Reason::cookie:
            return "cookie";
        case Reason::no_answer:
            return "no_answer";
        case Reason::no_endpoint:
            return "no_endpoint";
        case Reason::never_contacted:
            return "never_contacted";
        case Reason::session_ended:
            return "session_ended";
    }
    return "";
}

SessionReason reason_of(const PeerView& peer) {
    if (peer.protocol.problem == PeerProblem::no_private_key) return Reason::no_private_key;
    if (peer.protocol.problem == PeerProblem::unusable_key) return Reason::unusable_key;
    if (!peer.name_error.empty()) return Reason::unknown_name;
    if (const Reason reason = reason_of_way(peer); reason != Reason::none) return reason;
    if (const Reason reason = reason_of_messages(peer); reason != Reason::none) return reason;
    if (peer.protocol.troubles.unanswered != 0) return Reason::no_answer;
    return reason_of_problem(peer);
}

std::string sentence(SessionReason reason, const PeerView& peer) {
    switch (reason) {
        case Reason::none:
            return "";
        case Reason::no_private_key:
            return "the tunnel has no private key";
        case Reason::unusable_key:
            return "wrong key: its public key can never work, it is a low-order point or the tunnel's own";
        case Reason::unknown_name:
            return "its endpoint's name can't be resolved: " + peer.name_error;
        case Reason::route_missing:
            return "route missing: " + route_text(peer);
        case Reason::neighbour_unresolved:
            return "neighbour unresolved: " + neighbour_text(peer);
        case Reason::wrong_key:
            return "wrong key: " + wrong_key_text(peer);
        case Reason::old_timestamp:
            return "old timestamp: " + old_timestamp_text(peer);
        case Reason::no_room:
            return "no room: no receiver index or session was free for it";
        case Reason::not_taken_up:
            return "not taken up: " + not_taken_up_text(peer);
        case Reason::cookie_loop:
            return "cookie loop: " + cookie_loop_text(peer);
        case Reason::cookie:
            return "cookie: it is under load and gave us a cookie, which our next initiation carries";
        case Reason::no_answer:
            return no_answer_text(peer);
        case Reason::no_endpoint:
            return "no endpoint: none is configured, so it must call first" +
                   (peer.stranger ? "; " + stranger_text(peer) : "");
        case Reason::never_contacted:
            return "never contacted: no packet for it so far, and none from it";
        case Reason::session_ended:
            return "session ended: the next packet makes a new one";
    }
    return "";
}

std::string path_text(const PathView& path) {
    switch (path.kind) {
        case PathView::Kind::none:
            return "none: no route leads to the endpoint";
        case PathView::Kind::tunnel:
            return "into tunnel " + path.to;
        case PathView::Kind::local:
            return "none: the endpoint is an address of this host";
        case PathView::Kind::blackhole:
            return "none: a blackhole route";
        case PathView::Kind::host:
            return "none: the host's route leads to none of the ports";
        case PathView::Kind::port:
            break;
    }
    std::string_view state = "not resolved";
    if (path.neighbour == NeighbourState::usable) state = "resolved";
    if (path.neighbour == NeighbourState::failed) state = "does not answer";
    return fmt::format("by port {}, next hop {} {}", path.to, path.next_hop.to_string(), state);
}

}  // namespace ringway::control
