#pragma once

#include <cstdint>

#include "dataplane/ip_view.h"
#include "dataplane/keypair.h"
#include "dataplane/peer.h"

struct rte_mbuf;

namespace ringway::dataplane {

struct Lcore;

/// Where a WireGuard message came from and where it was received, read from its outer headers. REQUIRES:
/// take_message() has found it one.
[[nodiscard]] Endpoint endpoint_of(rte_mbuf* packet);

/// What the authentic messages of one bundle come to; their peer hears of it once.
struct Received {
    std::uint32_t packets = 0;
    std::uint64_t bytes = 0;
    bool data = false;  ///< one of them was no keepalive
};

/// Judges one opened message, in its order among the peer's: tag, replay window, then the endpoint, then
/// what is inside. True if that is an IP packet, which is the mbuf's data from then on, `ip` its view; its
/// source is not looked at yet. False when the message ended here: a keepalive, an in-band message, or a
/// drop by name. The peer's tx lcore.
[[nodiscard]] bool decapsulate(Lcore& lcore, rte_mbuf* packet, bool authentic, Peer& peer,
                               PeerIndex peer_index, Keypair& keypair, Received& received, IpView& ip);

/// What authentic messages change: key confirmation, stamps, counts. The peer's tx lcore, once for all the
/// messages of a bundle that it has gone through.
void note_received(Lcore& lcore, Peer& peer, PeerIndex peer_index, KeypairIndex keypair,
                   const Received& received);

}  // namespace ringway::dataplane
