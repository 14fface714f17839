#include "control/events/events.h"

#include <string>
#include <utility>

namespace ringway::control {

namespace {

Event event_of(Event::Kind kind, std::string_view reason) {
    Event event;
    event.kind = kind;
    event.reason = reason;
    return event;
}

Event event_of(const Events::ConfigurationChange& change) {
    Event event;
    event.kind = Event::Kind::configuration_changed;
    event.by = change.by;
    event.change = change.change;
    std::string names;
    std::string details;
    for (const FieldChange& field : change.fields) {
        const bool is_first = names.empty();
        names += (is_first ? "" : ",") + field.field;
        details += (is_first ? "" : ", ") + field.field + " " + field.what;
    }
    event.fields.assign(names);
    event.details.assign(details);
    return event;
}

}  // namespace

Events::Events(const Logger& logger, LogClocks clocks)
    : logger_(logger), clocks_(std::move(clocks)), journal_(kKept, clocks_.wall() / 1'000'000'000) {}

void Events::configuration_changed(protocol::TunnelId tunnel, const ConfigurationChange& change) {
    if (names_ == nullptr) return;
    Event event = event_of(change);
    names_->describe_tunnel(tunnel, nullptr, event);
    tell(event);
}

void Events::configuration_changed_of(protocol::PeerId peer, const ConfigurationChange& change) {
    Event event = event_of(change);
    tell_of(peer, event);
}

void Events::peer_up(protocol::PeerId peer, bool is_initiator) {
    Event event = event_of(Event::Kind::peer_up, is_initiator ? "initiator" : "responder");
    tell_of(peer, event);
}

void Events::peer_down(protocol::PeerId peer, protocol::DownReason reason) {
    Event event = event_of(Event::Kind::peer_down, name(reason));
    tell_of(peer, event);
}

void Events::peer_roamed(protocol::PeerId peer, const dataplane::Endpoint& before,
                         const dataplane::Endpoint& now) {
    Event event = event_of(Event::Kind::peer_roamed, {});
    if (names_ == nullptr || !admit(event, roaming_) || !names_->describe_peer(peer, event)) return;
    event.endpoint = now;
    event.endpoint_before = before;
    tell(event);
}

void Events::handshake_failed(protocol::PeerId peer, protocol::PeerProblem why) {
    Event event = event_of(Event::Kind::handshake_failed, name(why));
    if (admit(event, failures_)) tell_of(peer, event);
}

void Events::response_refused(protocol::PeerId peer, protocol::Verdict why, const dataplane::Endpoint& from) {
    Event event = event_of(Event::Kind::handshake_failed, name(why));
    if (names_ == nullptr || !admit(event, refusals_[static_cast<std::size_t>(why)]) ||
        !names_->describe_peer(peer, event)) {
        return;
    }
    event.endpoint = from;
    tell(event);
}

void Events::initiation_refused(protocol::TunnelId tunnel, const crypto::PublicKey& key,
                                protocol::Verdict why, const dataplane::Endpoint& from) {
    Event event = event_of(Event::Kind::handshake_failed, name(why));
    if (names_ == nullptr || !admit(event, refusals_[static_cast<std::size_t>(why)])) return;
    names_->describe_tunnel(tunnel, &key, event);
    event.key = key;
    event.has_key = true;
    event.endpoint = from;
    tell(event);
}

bool Events::admit(Event& event, LogLimit& limit) const {
    const auto withheld = limit.admit(clocks_.monotonic());
    event.withheld = withheld.value_or(0);
    return withheld.has_value();
}

void Events::tell_of(protocol::PeerId peer, Event& event) {
    if (names_ != nullptr && names_->describe_peer(peer, event)) tell(event);
}

void Events::tell(Event& event) {
    event.unix_nanoseconds = clocks_.wall();
    journal_.append(event);
    log(event);
}

void Events::log(const Event& event) const {
    const LogField sequence{"sequence", event.sequence};
    const LogField tunnel{"tunnel", event.tunnel.view()};
    const LogField peer{"peer", event.peer.view()};
    const LogField key{"public_key", event.key};
    const LogField endpoint{"endpoint", event.endpoint};
    const LogField withheld{"withheld", event.withheld};
    switch (event.kind) {
        case Event::Kind::peer_up:
            logger_.info("peer_up", {sequence, tunnel, peer, key, endpoint, {"role", event.reason}});
            break;
        case Event::Kind::peer_down:
            logger_.info("peer_down", {sequence, tunnel, peer, key, {"reason", event.reason}});
            break;
        case Event::Kind::peer_roamed:
            logger_.info("peer_roamed",
                         {sequence, tunnel, peer, key, {"from", event.endpoint_before}, endpoint, withheld});
            break;
        case Event::Kind::handshake_failed:
            logger_.info("handshake_failed",
                         {sequence, tunnel, peer, key, endpoint, {"reason", event.reason}, withheld});
            break;
        case Event::Kind::configuration_changed: {
            const LogField by{"by", name(event.by)};
            const LogField change{"change", name(event.change)};
            const LogField details{"details", event.details.view()};
            if (event.has_key) {
                logger_.info("configuration_changed", {sequence, by, change, tunnel, peer, key, details});
            } else {
                logger_.info("configuration_changed", {sequence, by, change, tunnel, details});
            }
            break;
        }
    }
}

}  // namespace ringway::control
