#pragma once

#include <cstdint>

#include "dataplane/drop_reason.h"
#include "dataplane/endpoint.h"
#include "dataplane/lcore.h"
#include "dataplane/next_hop.h"
#include "dataplane/outer_headers.h"
#include "dataplane/packet.h"
#include "dataplane/peer.h"

namespace ringway::dataplane {

/// How the outer route of an endpoint came out.
struct PathVerdict {
    enum class Kind : std::uint8_t {
        port,        ///< out by path.port, headers complete
        unresolved,  ///< out by path.port once the kernel has resolved `next_hop`
        tunnel,      ///< into another tunnel: a tunnel inside a tunnel
        dropped,     ///< for `reason`
    };
    Kind kind;
    TunnelIndex tunnel = kNoTunnel;
    IpAddress next_hop;
    DropReason reason = DropReason::no_route;
};

/// Finds the way to `endpoint` for a message of `tunnel`: source address and port where we were
/// reached, while that address is ours and the route still leaves by that port; else both as the
/// route says ("sticky socket routing", Netdev 2.2 paper). The outer look-up never leads into the
/// tunnel itself. tx lcore.
[[nodiscard]] PathVerdict resolve_path(const Lcore& lcore, TunnelIndex tunnel, const Endpoint& endpoint,
                                       OuterPath& path);

/// The path to a peer, resolved again only when its endpoint, the routes or the neighbours have
/// changed, and once a second so that the neighbour counts as in use. The peer's tx lcore.
[[nodiscard]] PathVerdict path_to_peer(const Lcore& lcore, Peer& peer);

/// Puts the outer headers of `path` before a message. tx lcore.
inline void encapsulate(TxStage& tx, rte_mbuf* packet, const OuterPath& path, std::uint8_t ds) {
    const OuterTemplate& outer = path.outer;
    const std::uint16_t payload = packet->data_len;
    std::uint32_t sum = meta(packet).message_sum;
    // The peer may have roamed to IPv6 after its crypto lcore looked.
    if (outer.family() == Family::v6 && sum == 0) sum = ones_sum({data(packet), payload});
    std::uint8_t* front = data(packet) - outer.size();
    set_data(packet, front, std::size_t{outer.size()} + payload);
    outer.write(front, payload, ds, sum, tx.next_ip_id++);
}

}  // namespace ringway::dataplane
