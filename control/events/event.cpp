#include "control/events/event.h"

namespace ringway::control {

std::string_view name(Change change) {
    switch (change) {
        case Change::tunnel_started:
            return "tunnel_started";
        case Change::tunnel_changed:
            return "tunnel_changed";
        case Change::peer_added:
            return "peer_added";
        case Change::peer_changed:
            return "peer_changed";
        case Change::peer_removed:
            return "peer_removed";
        case Change::allowed_ip_moved:
            return "allowed_ip_moved";
    }
    return "unknown";
}

std::string_view name(Event::Kind kind) {
    switch (kind) {
        case Event::Kind::peer_up:
            return "peer_up";
        case Event::Kind::peer_down:
            return "peer_down";
        case Event::Kind::peer_roamed:
            return "peer_roamed";
        case Event::Kind::handshake_failed:
            return "handshake_failed";
        case Event::Kind::configuration_changed:
            return "configuration_changed";
    }
    return "unknown";
}

}  // namespace ringway::control
