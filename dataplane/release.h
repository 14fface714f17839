#pragma once

#include <cstddef>

#include "dataplane/bundle.h"
#include "dataplane/encapsulate.h"

namespace ringway::dataplane {

struct Lcore;

/// Releases a peer's bundles of one direction, oldest first, while the head is done and its port takes
/// them. Whatever stops it early puts the peer back on the ready ring. Packets moved. The peer's tx lcore.
std::size_t release_in_order(Lcore& lcore, PeerIndex peer, Direction direction);

/// Puts a frame into the port's buffer. False if the port refuses more: the packet stays the caller's.
[[nodiscard]] bool put_on_port(Lcore& lcore, rte_mbuf* packet, PortIndex port);

/// What remains to be done with an encapsulated message that does not simply leave by a port: wait for
/// a neighbour, or enter another tunnel. True if it is a frame for `port`.
[[nodiscard]] bool finish_encapsulated(Lcore& lcore, rte_mbuf* packet, const PathVerdict& verdict,
                                       PortIndex port);

}  // namespace ringway::dataplane
