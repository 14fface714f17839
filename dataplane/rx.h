#pragma once

namespace ringway::dataplane {

struct Lcore;

/// One turn of an rx lcore: requests of the control side, packets for staging, packets of the host,
/// one burst from each of its receive queues. Everything read in the turn has been bundled, queued,
/// handed on or dropped by name at its end. True if there was anything.
bool poll_rx(Lcore& lcore);

}  // namespace ringway::dataplane
