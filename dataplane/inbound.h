#pragma once

#include <cstddef>
#include <cstdint>

#include "dataplane/bundle.h"
#include "dataplane/ip_view.h"
#include "dataplane/next_hop.h"
#include "dataplane/routing_domain.h"

struct rte_mbuf;

namespace ringway::dataplane {

struct Lcore;

/// The tunnel that listens where a packet addressed to us is going, or kNoTunnel. Fragments are
/// the host stack's to reassemble: they come back through the tunnel's listen socket.
[[nodiscard]] TunnelIndex listening_tunnel(const Lcore& lcore, const IpView& ip, const std::uint8_t* header,
                                           DomainIndex domain);

/// Takes a UDP packet for a tunnel's listen port, its IP header at `ip_offset` of the data. Lengths are
/// proved here. A transport message's session is returned: the packet is join_session()'s next, and what
/// that needs is on its way to the cache. Otherwise kNoKeypair: handshake messages have gone to the control
/// side, anything else is dropped by name. rx lcore, or tx lcore for a tunnel inside a tunnel.
[[nodiscard]] KeypairIndex take_message(Lcore& lcore, rte_mbuf* packet, std::size_t ip_offset,
                                        const IpView& ip, TunnelIndex tunnel);

/// The packet of a transport message joins the open bundle of its keypair, or is dropped by name.
void join_session(Lcore& lcore, rte_mbuf* packet, KeypairIndex keypair);

/// A while before take_message() reads where the message leads: `ip_header` lies in a frame.
void prefetch_session(const Lcore& lcore, const IpView& ip, const std::uint8_t* ip_header);

/// Queues the bundles that the burst has opened.
void close_inbound(Lcore& lcore);

}  // namespace ringway::dataplane
