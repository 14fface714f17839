#pragma once

#include "dataplane/bundle.h"
#include "dataplane/flow_cache.h"
#include "dataplane/ip_view.h"
#include "dataplane/next_hop.h"

struct rte_mbuf;

namespace ringway::dataplane {

struct Lcore;

/// A frame from a port whose flow the lcore remembers. False, the packet untouched, if it does not, or if the
/// packet is one that the host stack must answer. rx lcore.
[[nodiscard]] bool route_known_flow(Lcore& lcore, rte_mbuf* packet, const IpView& ip, const FlowKey& key);

/// A frame from a port whose route leads into `tunnel`: forwarded as a router does (sources checked,
/// time to live counted down), or given to the host stack when that is what the operator wants or when
/// it must answer with an ICMP error. rx lcore.
void route_port_packet(Lcore& lcore, rte_mbuf* packet, const IpView& ip, TunnelIndex tunnel, PortIndex port);

/// An IP packet (no Ethernet header) that the host stack put into its tunnel interface. rx lcore.
void route_host_packet(Lcore& lcore, rte_mbuf* packet, TunnelIndex tunnel);

/// An IP packet, its header at the start of the data and its length exact, into `tunnel`: the allowed
/// IPs name the peer, and the packet joins the peer's open bundle. rx or tx lcore.
void send_into_tunnel(Lcore& lcore, rte_mbuf* packet, const IpView& ip, TunnelIndex tunnel);

/// Reserves a run of counters for the bundle and links it into its peer's queue in one step, then
/// hands it to the crypto lcores; without a session its packets go to staging. Used up either way.
void send_bundle(Lcore& lcore, Bundle* bundle);

/// Sends the bundles that the burst has opened.
void close_outbound(Lcore& lcore);

}  // namespace ringway::dataplane
