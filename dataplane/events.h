#pragma once

#include "dataplane/dataplane.h"

namespace ringway::dataplane {

/// Tells the control side, once until it has looked, that the peer wants a session.
inline void want_session(Dataplane& plane, PeerIndex peer) {
    if (plane.peers[peer].session_wanted.is_raised() || !plane.peers[peer].session_wanted.raise()) return;
    (void)plane.events.push({Event::Kind::session_wanted, peer, kNoKeypair});
}

/// Tells the control side, unless it watches the peer, that a stamp was set.
inline void tell_activity(Dataplane& plane, PeerIndex peer) {
    if (plane.peers[peer].activity_told.is_raised() || !plane.peers[peer].activity_told.raise()) return;
    (void)plane.events.push({Event::Kind::activity, peer, kNoKeypair});
}

/// Tells the control side, once until it has looked, that the peer's endpoint was written.
inline void tell_roaming(Dataplane& plane, PeerIndex peer) {
    if (!plane.peers[peer].roaming_told.raise()) return;
    (void)plane.events.push({Event::Kind::roamed, peer, kNoKeypair});
}

}  // namespace ringway::dataplane
