#pragma once

#include <cstddef>

#include "dataplane/bundle.h"

namespace ringway::dataplane {

struct Lcore;

/// A peer's home lcore alone owns its staged packets and puts its keypair in place, so that
/// neither needs a lock and staged packets leave before later ones. One turn: packets sent here for
/// staging, then requests of the control side. How many of both there were.
std::size_t poll_home(Lcore& lcore);

/// Sends the packets of a bundle, already counted in the peer's serial word, to the peer's home. Any
/// rx or tx lcore; the bundle stays the caller's.
void send_to_staging(Lcore& lcore, Bundle* bundle);

}  // namespace ringway::dataplane
