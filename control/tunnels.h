#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "config/configuration.h"
#include "control/core/core.h"
#include "control/host/listen_socket.h"
#include "control/host/tun_device.h"
#include "control/log/log.h"
#include "control/namespaces.h"
#include "control/wg_socket/device.h"

namespace ringway::control {

/// What a configuration file said of a peer, as far as only the file knows it.
struct ConfiguredPeer {
    std::string name;
    std::optional<config::SocketAddress> endpoint;
};

/// One running tunnel: its interface in the host stack, its listen sockets, its names.
struct RunningTunnel {
    std::string name;
    TunnelIndex index = dataplane::kNoTunnel;
    host::TunDevice device;
    dataplane::DomainIndex inner_domain = 0;
    dataplane::DomainIndex outer_domain = 0;
    std::uint16_t listen_port = 0;
    std::uint32_t fwmark = 0;
    std::uint16_t mtu = 0;
    config::HostInterface host;
    std::string outer_netns;
    bool route_allowed_ips = true;
    std::vector<host::ListenSocket> sockets;
    /// What the configuration file said last: a reload changes what differs from it.
    std::map<PeerIndex, ConfiguredPeer> configured;
};

/// Whether allowed IPs that other peers have may move to the one that is changed.
enum class TakeAllowedIps : bool { no, yes };

/// Why a peer is not taken as it is: which field of it, named as in the configuration, meets what.
struct PeerRefusal {
    std::string field;  ///< empty: none, there are max_peers
    std::string why;
};

/// Who reads a tunnel's listen sockets.
class SocketWatcher {
  public:
    virtual ~SocketWatcher() = default;
    virtual void watch(RunningTunnel& tunnel) = 0;
    /// Before the sockets are closed.
    virtual void unwatch(RunningTunnel& tunnel) = 0;
};

/// The running tunnels and the one way in which their peers change: every surface (YAML, wg(8), later
/// REST and the console) ends in apply(). Control thread.
class Tunnels final : public WgDeviceControl {
  public:
    Tunnels(Core& core, Namespaces& namespaces, SocketWatcher& watcher, const Logger& logger)
        : core_(core), namespaces_(namespaces), watcher_(watcher), logger_(logger) {}

    /// At start-up: the interface, the tunnel and its peers. Throws std::runtime_error.
    void start(const config::Tunnel& tunnel, dataplane::HostIndex host);
    /// Makes a running tunnel what the configuration says; sessions of peers that the change does not
    /// touch go on. Returns what only a restart can change.
    [[nodiscard]] std::vector<std::string> reload(const config::Tunnel& tunnel);

    /// Makes the peer what `peer` says, or adds it; its session goes on. Refused, nothing is changed. For
    /// whoever changes one peer at a time: REST and the console.
    [[nodiscard]] tl::expected<PeerIndex, PeerRefusal> put(RunningTunnel& tunnel, const config::Peer& peer,
                                                           TakeAllowedIps take);
    void remove(RunningTunnel& tunnel, PeerIndex peer);

    [[nodiscard]] tl::expected<WgDevice, Errno> get(std::string_view tunnel) override;
    [[nodiscard]] Errno set(std::string_view tunnel, WgSetRequest request) override;

    [[nodiscard]] const std::vector<std::unique_ptr<RunningTunnel>>& all() const { return tunnels_; }
    [[nodiscard]] RunningTunnel* find(std::string_view name) const;
    /// The peer to which the configuration gave that name.
    [[nodiscard]] std::optional<PeerIndex> find_named(const RunningTunnel& tunnel,
                                                      std::string_view name) const;
    /// The name that the configuration gave the peer; empty if none.
    [[nodiscard]] std::string given_name_of(PeerIndex peer) const;
    /// For people: the peer's name, or its key.
    [[nodiscard]] std::string name_of(PeerIndex peer) const;

  private:
    [[nodiscard]] Errno check(const RunningTunnel& tunnel, const WgSetRequest& request) const;
    [[nodiscard]] std::optional<PeerRefusal> check(const RunningTunnel& tunnel, const config::Peer& peer,
                                                   TakeAllowedIps take) const;
    [[nodiscard]] Errno change_listen_port(RunningTunnel& tunnel, std::uint16_t port);
    void reload_peers(RunningTunnel& tunnel, const config::Tunnel& wanted);
    void set_private_key(const RunningTunnel& tunnel, crypto::PrivateKey key);
    void reload_peer(RunningTunnel& tunnel, const config::Peer& peer);
    void apply(RunningTunnel& tunnel, WgPeerChange change);
    void allow(RunningTunnel& tunnel, PeerIndex peer, const dataplane::IpPrefix& prefix);
    void disallow(RunningTunnel& tunnel, PeerIndex peer, const dataplane::IpPrefix& prefix);
    [[nodiscard]] std::vector<host::ListenSocket> open_sockets(const RunningTunnel& tunnel,
                                                               std::uint16_t& port) const;

    Core& core_;
    Namespaces& namespaces_;
    SocketWatcher& watcher_;
    Logger logger_;
    std::vector<std::unique_ptr<RunningTunnel>> tunnels_;
};

}  // namespace ringway::control
