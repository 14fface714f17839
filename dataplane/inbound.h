#pragma once

#include <cstddef>
#include <cstdint>

#include "dataplane/headers.h"
#include "dataplane/next_hop.h"
#include "dataplane/routing_domain.h"

struct rte_mbuf;

namespace ringway::dataplane {

struct Lcore;

/// The tunnel that listens where a packet addressed to us is going, or kNoTunnel. Fragments are
/// the host stack's to reassemble: they come back through the tunnel's listen socket.
[[nodiscard]] TunnelIndex listening_tunnel(const Lcore& lcore, const IpView& ip, const std::uint8_t* header,
                                           DomainIndex domain);

/// Takes a UDP packet for a tunnel's listen port, its IP header at `ip_offset` of the data. Transport
/// messages join the open bundle of their keypair; handshake messages go to the control side; anything
/// else is dropped by name. Lengths are proved here. rx lcore, or tx lcore for a tunnel inside a tunnel.
void take_message(Lcore& lcore, rte_mbuf* packet, std::size_t ip_offset, const IpView& ip,
                  TunnelIndex tunnel);

/// Queues the bundles that the burst has opened.
void close_inbound(Lcore& lcore);

}  // namespace ringway::dataplane
