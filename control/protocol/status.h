#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "control/protocol/plane.h"
#include "control/protocol/verdict.h"

namespace ringway::control::protocol {

/// What the last attempt to reach a peer came to.
enum class PeerProblem : std::uint8_t {
    none,
    never_tried,     ///< no handshake since the peer was configured
    no_private_key,  ///< our tunnel has no key
    unusable_key,    ///< a low-order key, or our own
    no_endpoint,     ///< we do not know where it is
    no_index,        ///< no receiver index was free
    no_session,      ///< no session slot was free
    no_answer,       ///< initiations sent, no valid response since
    bad_response,    ///< it answers, but not with the key or preshared key we have for it
    under_load,      ///< it answered with a cookie
};
[[nodiscard]] std::string_view name(PeerProblem problem);

/// One of a peer's sessions.
struct SessionStatus {
    SessionId id = kNoSession;
    Nanoseconds born = 0;
    bool is_initiator = false;
};

/// What went wrong with a peer since its last complete handshake. For people: nothing is decided by it,
/// and it may be of somebody else's making, by messages that were recorded and sent again.
struct PeerTroubles {
    std::uint32_t unanswered = 0;             ///< initiations sent
    Nanoseconds unanswered_since = 0;         ///< when the first of them was
    std::uint32_t cookies = 0;                ///< cookies that came in place of an answer
    std::uint32_t bad_responses = 0;          ///< responses that did not authenticate
    std::uint32_t unconfirmed = 0;            ///< responses of ours whose session it has not used
    Nanoseconds unconfirmed_since = 0;        ///< when the first of them was sent
    std::uint32_t refused = 0;                ///< initiations of its own that were not accepted
    Nanoseconds refused_at = 0;               ///< when the last of them came
    Verdict refused_for = Verdict::replayed;  ///< replayed, flood, no_index or no_session
};

/// What `show peer` and wg(8) tell about a peer.
struct PeerStatus {
    std::uint64_t last_handshake_unix_ns = 0;  ///< 0: never
    bool handshake_under_way = false;  ///< an initiation of ours waits for its response, or for its turn
    std::uint32_t initiations = 0;     ///< sent for the handshake under way
    PeerProblem problem = PeerProblem::never_tried;
    PeerTroubles troubles;
    std::optional<SessionStatus> previous;
    std::optional<SessionStatus> current;
    std::optional<SessionStatus> next;  ///< waits for the initiator's first packet
};

}  // namespace ringway::control::protocol
