#pragma once

#include <cstdint>

#include "dataplane/keypair.h"
#include "dataplane/peer.h"

struct rte_mbuf;

namespace ringway::dataplane {

struct Lcore;

/// Where a WireGuard message came from and where it was received, read from its outer headers. REQUIRES:
/// take_message() has found it one.
[[nodiscard]] Endpoint endpoint_of(rte_mbuf* packet);

/// Judges one opened message, in its order among the peer's: tag, replay window, then what an
/// authentic packet changes (endpoint, key confirmation, stamps), then the packet inside (lengths,
/// congestion, allowed source). Returns the inner packet, header at the start of the data and length
/// exact, or null when it ended here: a keepalive, an
/// in-band message, or a drop by name. The peer's tx lcore.
[[nodiscard]] rte_mbuf* decapsulate(Lcore& lcore, rte_mbuf* packet, bool authentic, Peer& peer,
                                    PeerIndex peer_index, KeypairIndex keypair_index);

}  // namespace ringway::dataplane
