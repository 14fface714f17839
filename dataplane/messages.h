#pragma once

#include <cstdint>

#include "dataplane/bundle.h"

namespace ringway::dataplane {

/// What lcores tell the control side. Every kind is guarded by a flag of the peer or keypair, so the
/// ring has a place for all that can be under way and never refuses.
struct Event {
    enum class Kind : std::uint8_t {
        session_wanted,  ///< a packet was staged, or the sending keypair should be replaced soon
        activity,        ///< a stamp went from zero to set, and the peer is not watched
        confirmed,       ///< `keypair` had its first authentic packet
        closed,          ///< answer to Request::close
        receive_aging,   ///< received on `keypair`, which we initiated and which is about to expire
        roamed,          ///< the tx lcore has written the peer's endpoint
    };
    Kind kind;
    PeerIndex peer;
    KeypairIndex keypair;
};

/// What the control side asks of a peer's home lcore.
struct Request {
    enum class Kind : std::uint8_t {
        set_keypair,  ///< new packets are sealed by `keypair`; staged ones leave first. kNoKeypair: stage
        keepalive,    ///< send an empty packet in its order
        close,        ///< the peer is unpublished: free what waits, and answer with Event::closed
        drop_staged,  ///< free what waits for a session
        message,      ///< send `packet`, an in-band message, in its order
    };
    Kind kind;
    PeerIndex peer;
    KeypairIndex keypair;
    rte_mbuf* packet = nullptr;  ///< message
};

}  // namespace ringway::dataplane
