#include "control/protocol/status.h"
#include "control/protocol/verdict.h"

namespace ringway::control::protocol {

std::string_view name(Verdict verdict) {
    switch (verdict) {
        case Verdict::initiation_accepted:
            return "initiation_accepted";
        case Verdict::response_accepted:
            return "response_accepted";
        case Verdict::cookie_accepted:
            return "cookie_accepted";
        case Verdict::bad_length:
            return "bad_length";
        case Verdict::bad_type:
            return "bad_type";
        case Verdict::no_tunnel:
            return "no_tunnel";
        case Verdict::no_private_key:
            return "no_private_key";
        case Verdict::bad_mac1:
            return "bad_mac1";
        case Verdict::cookie_sent:
            return "cookie_sent";
        case Verdict::rate_limited:
            return "rate_limited";
        case Verdict::bad_static:
            return "bad_static";
        case Verdict::unknown_peer:
            return "unknown_peer";
        case Verdict::unusable_peer:
            return "unusable_peer";
        case Verdict::bad_timestamp:
            return "bad_timestamp";
        case Verdict::replayed:
            return "replayed";
        case Verdict::flood:
            return "flood";
        case Verdict::unknown_index:
            return "unknown_index";
        case Verdict::no_handshake:
            return "no_handshake";
        case Verdict::bad_response:
            return "bad_response";
        case Verdict::bad_cookie:
            return "bad_cookie";
        case Verdict::no_index:
            return "no_index";
        case Verdict::no_session:
            return "no_session";
    }
    return "unknown";
}

std::string_view name(PeerProblem problem) {
    switch (problem) {
        case PeerProblem::none:
            return "none";
        case PeerProblem::never_tried:
            return "never_tried";
        case PeerProblem::no_private_key:
            return "no_private_key";
        case PeerProblem::unusable_key:
            return "unusable_key";
        case PeerProblem::no_endpoint:
            return "no_endpoint";
        case PeerProblem::no_index:
            return "no_index";
        case PeerProblem::no_session:
            return "no_session";
        case PeerProblem::no_answer:
            return "no_answer";
        case PeerProblem::bad_response:
            return "bad_response";
        case PeerProblem::under_load:
            return "under_load";
    }
    return "unknown";
}

}  // namespace ringway::control::protocol
