#pragma once

#include <cstddef>

#include "dataplane/bundle.h"

struct rte_mbuf;

namespace ringway::dataplane {

struct Lcore;

/// In-band messages (in_band_header.h) that may wait for the control side: all, and of one peer, so that
/// one that sends nothing else leaves room for the others.
inline constexpr std::size_t kInBandQueue = 256;
inline constexpr std::size_t kInBandQueueOfPeer = 16;

/// Takes an opened, authentic packet that is not IP: a message goes to the control side, anything else is
/// dropped by name. The peer's tx lcore.
void take_in_band(Lcore& lcore, rte_mbuf* packet, PeerIndex peer);

}  // namespace ringway::dataplane
