#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "control/protocol/plane.h"

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

/// What `show peer` and wg(8) tell about a peer.
struct PeerStatus {
    std::uint64_t last_handshake_unix_ns = 0;  ///< 0: never
    bool handshake_under_way = false;  ///< an initiation of ours waits for its response, or for its turn
    std::uint32_t initiations = 0;     ///< sent for the handshake under way
    PeerProblem problem = PeerProblem::never_tried;
    std::optional<SessionStatus> previous;
    std::optional<SessionStatus> current;
    std::optional<SessionStatus> next;  ///< waits for the initiator's first packet
};

}  // namespace ringway::control::protocol
