#include "dataplane/encapsulate.h"

#include "dataplane/dataplane.h"
#include "dataplane/lcore.h"
#include "dataplane/packet.h"

namespace ringway::dataplane {
namespace {

constexpr Nanoseconds kPathLife = 1'000'000'000;

PathVerdict dropped(DropReason reason) {
    return {.kind = PathVerdict::Kind::dropped, .tunnel = kNoTunnel, .next_hop = {}, .reason = reason};
}

/// Where the packet leaves from: the sticky address while it holds, else the route's own choice.
IpAddress choose_source(const RoutingDomain& domain, const Endpoint& endpoint, const NextHop& hop) {
    const bool same_way = endpoint.port == kNoPort || endpoint.port == hop.port;
    const bool known = !endpoint.local.is_unspecified() && endpoint.local.family == endpoint.remote.family;
    if (known && same_way && domain.is_local(endpoint.local.family, endpoint.local.bytes.data())) {
        return endpoint.local;
    }
    return hop.source;
}

}  // namespace

PathVerdict resolve_path(const Lcore& lcore, TunnelIndex tunnel_index, const Endpoint& endpoint,
                         OuterPath& path) {
    const Dataplane& plane = lcore.plane;
    const Tunnel& tunnel = *plane.tunnels[tunnel_index];
    const RoutingDomain& domain = *plane.domains[tunnel.outer_domain];
    const NextHop* hop = domain.lookup(endpoint.remote);
    if (hop == nullptr) return dropped(DropReason::no_route);
    if (hop->kind == NextHop::Kind::blackhole) return dropped(DropReason::blackhole);
    const bool by_port = hop->kind == NextHop::Kind::port;
    const bool by_other_tunnel = hop->kind == NextHop::Kind::tunnel && hop->tunnel != tunnel_index;
    if (!by_port && !by_other_tunnel) return dropped(DropReason::no_route);

    OuterHeaders headers{.destination_mac = {},
                         .source_mac = {},
                         .source = choose_source(domain, endpoint, *hop),
                         .destination = endpoint.remote,
                         .source_port = tunnel.listen_port.load(std::memory_order_relaxed),
                         .destination_port = endpoint.remote_port,
                         .dont_fragment = tunnel.dont_fragment.load(std::memory_order_relaxed)};
    if (headers.source.is_unspecified()) return dropped(DropReason::no_source_address);
    path.port = hop->port;
    if (by_other_tunnel) {
        path.outer = OuterTemplate(headers);
        return {.kind = PathVerdict::Kind::tunnel, .tunnel = hop->tunnel, .next_hop = {}};
    }
    const IpAddress& next_hop = hop->gateway.is_unspecified() ? endpoint.remote : hop->gateway;
    const Neighbour neighbour = plane.neighbours.lookup(hop->port, next_hop);
    if (neighbour.state == NeighbourState::failed) return dropped(DropReason::neighbour_failed);
    headers.source_mac = plane.ports[hop->port]->mac();
    headers.destination_mac = neighbour.mac;
    path.outer = OuterTemplate(headers);
    if (neighbour.is_usable()) return {.kind = PathVerdict::Kind::port, .tunnel = kNoTunnel, .next_hop = {}};
    return {.kind = PathVerdict::Kind::unresolved, .tunnel = kNoTunnel, .next_hop = next_hop};
}

PathVerdict path_to_peer(const Lcore& lcore, Peer& peer) {
    OuterPath& path = peer.path;
    const std::uint32_t generation = lcore.plane.routing_generation.load(std::memory_order_acquire);
    const bool fresh = path.endpoint_sequence == peer.endpoint.sequence() &&
                       path.routing_generation == generation && lcore.now - path.resolved < kPathLife;
    if (fresh) return {.kind = PathVerdict::Kind::port, .tunnel = kNoTunnel, .next_hop = {}};

    Endpoint endpoint;
    std::uint32_t sequence = 0;
    if (!peer.endpoint.try_read(endpoint, sequence)) {
        // A writer is in the middle of it. What was known is good for one more packet.
        const bool known = (path.endpoint_sequence & 1U) == 0;
        return known ? PathVerdict{.kind = PathVerdict::Kind::port} : dropped(DropReason::no_endpoint);
    }
    path.endpoint_sequence = 1;
    if (!endpoint.is_set()) return dropped(DropReason::no_endpoint);
    const PathVerdict verdict = resolve_path(lcore, peer.tunnel, endpoint, path);
    if (verdict.kind == PathVerdict::Kind::port) {
        path.endpoint_sequence = sequence;
        path.routing_generation = generation;
        path.resolved = lcore.now;
    }
    return verdict;
}

}  // namespace ringway::dataplane
