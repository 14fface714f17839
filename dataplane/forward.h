#pragma once

#include "dataplane/bundle.h"
#include "dataplane/drop_reason.h"
#include "dataplane/endpoint.h"
#include "dataplane/ip_view.h"
#include "dataplane/next_hop.h"

struct rte_mbuf;

namespace ringway::dataplane {

struct Lcore;

/// Sends a decrypted packet of `peer` on, its IP header at the start of the data and its length exact: if its
/// source is the peer's to use, by the mirrored routes to the host stack, into a tunnel, or out by a port,
/// whose index is returned with the Ethernet header in place; kNoPort when the packet has been handed on or
/// dropped. tx lcore.
[[nodiscard]] PortIndex forward_decrypted(Lcore& lcore, rte_mbuf* packet, const IpView& ip, PeerIndex peer);

/// Puts an Ethernet header towards `next_hop` before an IP packet. False if it was dropped, or handed
/// to the control side to wait for the kernel's resolution.
[[nodiscard]] bool add_ethernet(Lcore& lcore, rte_mbuf* packet, PortIndex port, const IpAddress& next_hop);

/// Hands an IP packet without Ethernet header to the control side until `next_hop` is resolved.
void wait_for_neighbour(Lcore& lcore, rte_mbuf* packet, PortIndex port, const IpAddress& next_hop);

}  // namespace ringway::dataplane
