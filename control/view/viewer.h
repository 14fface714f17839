#pragma once

#include "control/change/configuration_file.h"
#include "control/core/core.h"
#include "control/host_io.h"
#include "control/lcore_layout.h"
#include "control/lcore_watch.h"
#include "control/resolve/named_endpoints.h"
#include "control/tunnels.h"
#include "control/view/view.h"

namespace ringway::control {

/// What a port is called, beside what the packet path knows of it.
struct PortNames {
    std::string name;
    std::string host_interface;
    std::string netns;
};

/// Takes the values of view.h from a running gateway. Reads only, costs what is asked for, and never
/// disturbs an lcore. Control thread.
class Viewer {
  public:
    struct Sources {
        Core& core;
        Tunnels& tunnels;
        HostIo& host_io;
        const LcoreLayout& layout;
        const LcoreWatch& watch;
        const std::vector<PortNames>& ports;
        const Changes& changes;
        const CommitWindow& window;
        const ConfigurationFile& file;
        const NamedEndpoints& names;
    };
    explicit Viewer(const Sources& sources);

    [[nodiscard]] StatusView status() const;
    [[nodiscard]] std::vector<PortView> ports() const;
    [[nodiscard]] std::vector<LcoreView> lcores() const;
    [[nodiscard]] std::vector<RingView> rings() const;
    [[nodiscard]] std::vector<TunnelView> tunnels() const;
    [[nodiscard]] DropsView drops() const;
    [[nodiscard]] PeerView peer(PeerIndex peer) const;
    /// What peer() says of it, alone: for going through many.
    [[nodiscard]] PeerState state_of(PeerIndex peer) const;
    /// Of all tunnels: as many as there are.
    [[nodiscard]] std::vector<PeerView> peers() const;
    /// Nothing if there is no such tunnel.
    [[nodiscard]] std::optional<TunnelView> tunnel(std::string_view name) const;

  private:
    [[nodiscard]] dataplane::Totals totals() const;
    [[nodiscard]] TunnelView view_of(const RunningTunnel& tunnel, std::size_t peers_up) const;
    /// By TunnelIndex.
    [[nodiscard]] std::vector<std::size_t> peers_up() const;
    [[nodiscard]] ConfigurationView configuration() const;
    void explain(PeerView& view, TunnelIndex tunnel) const;
    [[nodiscard]] PathView path_to(const dataplane::IpAddress& remote, TunnelIndex tunnel) const;

    Sources from_;
    dataplane::Nanoseconds started_;
    std::uint64_t started_unix_nanoseconds_;
};

}  // namespace ringway::control
