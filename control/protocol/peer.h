#pragma once

#include <utility>

#include "control/protocol/plane.h"
#include "control/protocol/sessions.h"
#include "control/protocol/status.h"
#include "crypto/cookie.h"
#include "crypto/noise.h"
#include "crypto/secret_pool.h"
#include "crypto/tai64n.h"

namespace ringway::control::protocol {

/// What of a peer belongs in locked memory.
struct PeerSecrets {
    crypto::RemoteIdentity remote;
    crypto::Handshake handshake;  ///< the one we initiated, while it waits for its response
};

/// A peer as the engine sees it. Control thread only. Deadlines are 0 when not armed.
struct Peer {
    Peer(Plane& plane, PeerId peer, TunnelId of_tunnel, const crypto::PublicKey& public_key,
         crypto::SecretPool<PeerSecrets>::Pointer locked)
        : id(peer),
          tunnel(of_tunnel),
          secrets(std::move(locked)),
          cookie(public_key),
          sessions(plane, peer) {}

    PeerId id;
    TunnelId tunnel;
    crypto::SecretPool<PeerSecrets>::Pointer secrets;
    crypto::CookieHolder cookie;  ///< proves our address for two minutes, no more: not worth locked memory
    SessionSet sessions;

    // As initiator.
    Nanoseconds initiate_at = 0;          ///< the next initiation, first or repeated
    Nanoseconds last_handshake_sent = 0;  ///< initiation or response: what REKEY_TIMEOUT counts from
    std::uint32_t initiations = 0;        ///< sent for the handshake under way
    Nanoseconds initiating_since = 0;     ///< when the first of them was sent
    bool aging_seen = false;              ///< this session's one rekey on receipt has been asked for
    crypto::Tai64n last_timestamp_sent;

    // As responder.
    crypto::Tai64n greatest_timestamp;  ///< of the initiations accepted
    Nanoseconds last_initiation = 0;    ///< when the last one was accepted

    // Timers.
    Nanoseconds look_at = 0;              ///< look at the peer's activity; armed while it is watched
    Nanoseconds zero_at = 0;              ///< forget the keys of the oldest session
    Nanoseconds persistent_at = 0;        ///< send a persistent keepalive, unless there was traffic
    Nanoseconds persistent_interval = 0;  ///< 0: off
    Nanoseconds keepalive_sent = 0;       ///< when the last passive keepalive was ordered
    Nanoseconds unanswered_seen = 0;      ///< the unanswered_since that unanswered_limit was drawn for
    Nanoseconds unanswered_limit = 0;     ///< how long it may go on
    Nanoseconds rescued_at = 0;           ///< when the last handshake was begun because of it

    // For people.
    std::uint64_t last_handshake_unix_ns = 0;
    PeerProblem problem = PeerProblem::never_tried;
    PeerTroubles troubles;
    bool is_up = false;  ///< as the observer was told

    [[nodiscard]] bool awaits_response() const {
        return secrets->handshake.state == crypto::Handshake::State::initiation_sent;
    }
};

}  // namespace ringway::control::protocol
