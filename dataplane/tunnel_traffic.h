#pragma once

#include <cstdint>

#include "dataplane/counters.h"

namespace ringway::dataplane {

/// What one tx lcore has received from and sent to the peers of one tunnel, those that are gone included.
/// Counted as for peers (Peer::rx_packets...).
struct alignas(64) TunnelTraffic {
    Counter rx_packets;
    Counter rx_bytes;
    Counter tx_packets;
    Counter tx_bytes;
};

}  // namespace ringway::dataplane
