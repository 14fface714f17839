#pragma once

#include "dataplane/endpoint.h"

struct rte_mbuf;

namespace ringway::dataplane {

struct Lcore;

/// What a frame that came in by a port is, and where it goes: a WireGuard message for us, a packet
/// whose route leads into a tunnel, or anything else, which is the host stack's. rx lcore.
void classify_frame(Lcore& lcore, rte_mbuf* packet, PortIndex port);

}  // namespace ringway::dataplane
