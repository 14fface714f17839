#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "config/configuration.h"
#include "control/core/core.h"
#include "control/host/listen_socket.h"
#include "control/host/tun_device.h"
#include "control/namespaces.h"
#include "control/wg_socket/device.h"

namespace ringway::control {

/// One running tunnel: its interface in the host stack, its listen sockets, its names.
struct RunningTunnel {
    std::string name;
    TunnelIndex index = dataplane::kNoTunnel;
    host::TunDevice device;
    dataplane::DomainIndex inner_domain = 0;
    dataplane::DomainIndex outer_domain = 0;
    std::uint16_t listen_port = 0;
    std::uint32_t fwmark = 0;
    bool route_allowed_ips = true;
    std::vector<host::ListenSocket> sockets;
    std::map<PeerIndex, std::string> peer_names;
};

/// The running tunnels and the one way in which their peers change: every surface (YAML, wg(8), later
/// REST and the console) ends in apply(). Control thread.
class Tunnels final : public WgDeviceControl {
  public:
    Tunnels(Core& core, Namespaces& namespaces) : core_(core), namespaces_(namespaces) {}

    /// At start-up: the interface, the tunnel and its peers. Throws std::runtime_error.
    void start(const config::Tunnel& tunnel, dataplane::HostIndex host);
    /// Makes the peers of a running tunnel those of the configuration; sessions of peers that the
    /// change does not touch go on.
    void reload(const config::Tunnel& tunnel);

    [[nodiscard]] tl::expected<WgDevice, Errno> get(std::string_view tunnel) override;
    [[nodiscard]] Errno set(std::string_view tunnel, WgSetRequest request) override;

    [[nodiscard]] const std::vector<std::unique_ptr<RunningTunnel>>& all() const { return tunnels_; }
    [[nodiscard]] RunningTunnel* find(std::string_view name) const;
    /// Called after a listen port changed, with the tunnel's new sockets.
    std::function<void(RunningTunnel&)> on_sockets_changed;

  private:
    [[nodiscard]] Errno check(const RunningTunnel& tunnel, const WgSetRequest& request) const;
    [[nodiscard]] Errno change_listen_port(RunningTunnel& tunnel, std::uint16_t port);
    void apply(RunningTunnel& tunnel, WgPeerChange change);
    void remove(RunningTunnel& tunnel, PeerIndex peer);
    void allow(RunningTunnel& tunnel, PeerIndex peer, const dataplane::IpPrefix& prefix);
    void disallow(RunningTunnel& tunnel, PeerIndex peer, const dataplane::IpPrefix& prefix);
    [[nodiscard]] std::vector<host::ListenSocket> open_sockets(const RunningTunnel& tunnel,
                                                               std::uint16_t& port) const;

    Core& core_;
    Namespaces& namespaces_;
    std::vector<std::unique_ptr<RunningTunnel>> tunnels_;
};

}  // namespace ringway::control
