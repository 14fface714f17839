#pragma once

#include <map>
#include <optional>
#include <set>

#include "control/host/netlink_mirror.h"
#include "dataplane/dataplane.h"

namespace ringway::control {

/// Where packets waiting for a neighbour are told what came of it.
class NeighbourListener {
  public:
    virtual ~NeighbourListener() = default;
    virtual void neighbour_usable(dataplane::PortIndex port, const dataplane::IpAddress& address) = 0;
    virtual void neighbour_failed(dataplane::PortIndex port, const dataplane::IpAddress& address) = 0;
};

/// Turns what the kernel says of one namespace into the packet path's routes and neighbours. Routes
/// by a port's or tunnel's host interface become ours to forward; all others are the host stack's.
/// Control thread.
class RouteMirror final : public host::MirrorListener {
  public:
    RouteMirror(dataplane::Dataplane& plane, dataplane::DomainIndex domain, NeighbourListener& waiting)
        : plane_(plane), domain_(domain), waiting_(waiting) {}

    /// Which of the namespace's interfaces are ours. Before the mirror's first list.
    void add_port(host::InterfaceIndex interface, dataplane::PortIndex port) { ports_[interface] = port; }
    void add_tunnel(host::InterfaceIndex interface, dataplane::TunnelIndex tunnel) {
        tunnels_[interface] = tunnel;
    }
    /// Whether the kernel has told of the end of one of ours, which was deleted or moved away.
    [[nodiscard]] bool is_gone(host::InterfaceIndex interface) const { return gone_.contains(interface); }
    /// One of ours that was gone was made anew as `now`. Before the mirror tells of that.
    void replace(host::InterfaceIndex gone, host::InterfaceIndex now);
    [[nodiscard]] std::optional<host::InterfaceIndex> interface_of(dataplane::PortIndex port) const;
    [[nodiscard]] std::optional<dataplane::PortIndex> port_of(host::InterfaceIndex interface) const;

    /// A route as the packet path is to follow it.
    struct Mirrored {
        dataplane::IpPrefix prefix;
        dataplane::NextHop hop;
    };
    /// Those whose prefixes follow `after` (nothing: from the first), `limit` at most.
    [[nodiscard]] std::vector<Mirrored> routes_after(const std::optional<dataplane::IpPrefix>& after,
                                                     std::size_t limit) const;

    void link(const host::Link& link) override;
    void link_gone(const host::Link& link) override;
    void address(const host::Address& address) override;
    void address_gone(const host::Address& address) override;
    void route(const host::Route& route) override;
    void route_gone(const host::Route& route) override;
    void neighbour(const host::Neighbour& neighbour) override;
    void neighbour_gone(const host::Neighbour& neighbour) override;

  private:
    /// What the kernel's rules look at first wins: its local table before its main one.
    struct Known {
        std::optional<host::Route> local;
        std::optional<host::Route> main;
    };

    [[nodiscard]] dataplane::NextHop evaluate(const host::Route& route) const;
    [[nodiscard]] dataplane::IpAddress source_for(const host::Route& route, const host::NextHop& hop) const;
    [[nodiscard]] std::optional<host::Route>& slot(const host::Route& route);
    void publish(const dataplane::IpPrefix& prefix, const Known& known);
    /// Routes by an interface whose addresses changed: their source address may be another now.
    void publish_by(host::InterfaceIndex interface);
    void changed() { plane_.routing_generation.fetch_add(1, std::memory_order_release); }

    dataplane::Dataplane& plane_;
    dataplane::DomainIndex domain_;
    NeighbourListener& waiting_;
    std::map<host::InterfaceIndex, dataplane::PortIndex> ports_;
    std::map<host::InterfaceIndex, dataplane::TunnelIndex> tunnels_;
    std::set<host::InterfaceIndex> gone_;  ///< of those
    std::map<dataplane::IpPrefix, Known> routes_;
    std::vector<host::Address> addresses_;
};

}  // namespace ringway::control
