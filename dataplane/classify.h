#pragma once

#include <cstddef>
#include <span>

#include "dataplane/endpoint.h"

struct rte_mbuf;

namespace ringway::dataplane {

struct Lcore;

/// Frames received at a time.
inline constexpr std::size_t kRxBurst = 64;

/// What the frames that came in by a port are, and where they go: WireGuard messages for us, packets
/// whose route leads into a tunnel, or anything else, which is the host stack's. At most kRxBurst; the order
/// of a flow stays. rx lcore.
void classify_frames(Lcore& lcore, std::span<rte_mbuf* const> packets, PortIndex port);

}  // namespace ringway::dataplane
