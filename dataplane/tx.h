#pragma once

#include <cstdint>

#include "dataplane/endpoint.h"

struct rte_mbuf;

namespace ringway::dataplane {

struct Lcore;

/// One turn of a tx lcore: frames and messages submitted by the host and the control side, then the
/// peers that have something done, each peer's bundles in order, then a burst to every port. True if
/// anything moved.
bool poll_tx(Lcore& lcore);

/// Whether a port can be given one more frame.
enum class Room : std::uint8_t {
    yes,
    not_yet,  ///< it refuses packets: what is next stays where it is
    never,    ///< it has taken nothing for so long that it is down: what is next is dropped
};

/// Makes room in the lcore's buffer of a port, sending what is there if need be. tx lcore.
[[nodiscard]] Room make_room(Lcore& lcore, PortIndex port);

}  // namespace ringway::dataplane
