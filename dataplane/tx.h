#pragma once

namespace ringway::dataplane {

struct Lcore;

/// One turn of a tx lcore: frames and messages submitted by the host and the control side, then the
/// peers that have something done, each peer's bundles in order, then a burst to every port. True if
/// anything moved.
bool poll_tx(Lcore& lcore);

}  // namespace ringway::dataplane
