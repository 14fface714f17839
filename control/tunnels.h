#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "config/configuration.h"
#include "control/change/plan.h"
#include "control/configured_peers.h"
#include "control/core/core.h"
#include "control/events/events.h"
#include "control/host/listen_socket.h"
#include "control/host/tun_device.h"
#include "control/log/log.h"
#include "control/namespaces.h"

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
    std::uint16_t mtu = 0;
    config::HostInterface host;
    std::string outer_netns;
    bool route_allowed_ips = true;
    std::vector<host::ListenSocket> sockets;
    ConfiguredPeers configured;
};

/// Who reads a tunnel's listen sockets.
class SocketWatcher {
  public:
    virtual ~SocketWatcher() = default;
    virtual void watch(RunningTunnel& tunnel) = 0;
    /// Before the sockets are closed.
    virtual void unwatch(RunningTunnel& tunnel) = 0;
};

/// Who resolves endpoints that are names.
class EndpointNames {
  public:
    virtual ~EndpointNames() = default;
    /// From now on the peer is where that name says.
    virtual void follow(PeerIndex peer, const config::Endpoint& endpoint) = 0;
    /// Its endpoint is no name any more, or it is gone.
    virtual void forget(PeerIndex peer) = 0;
};

/// The running tunnels: what they are, and how they are made to be something else. Whether a change may be
/// made is asked of Changes first: here nothing is refused. Control thread.
class Tunnels final : public EventNames {
  public:
    Tunnels(Core& core, Namespaces& namespaces, SocketWatcher& watcher, EndpointNames& names, Events& events,
            const Logger& logger)
        : core_(core),
          namespaces_(namespaces),
          watcher_(watcher),
          names_(names),
          events_(events),
          logger_(logger) {}

    /// At start-up: the interface, the tunnel and its peers. Throws std::runtime_error.
    void start(const config::Tunnel& tunnel, dataplane::HostIndex host);
    /// Carries a checked change out.
    void apply(TunnelChange change, ChangedBy by);
    /// The interface was made anew: the routes for allowed IPs went with the old one.
    void put_routes(const RunningTunnel& tunnel);
    /// What a change of listen port needs. Throws std::runtime_error if the port is taken.
    [[nodiscard]] NewListenPort open_listen_port(const RunningTunnel& tunnel, std::uint16_t port) const;

    [[nodiscard]] const std::vector<std::unique_ptr<RunningTunnel>>& all() const { return tunnels_; }
    [[nodiscard]] RunningTunnel* find(std::string_view name) const;
    /// The peer to which the configuration gave that name.
    [[nodiscard]] std::optional<PeerIndex> find_named(const RunningTunnel& tunnel,
                                                      std::string_view name) const;
    /// The name that the configuration gave the peer; empty if none.
    [[nodiscard]] std::string given_name_of(PeerIndex peer) const;
    /// For people: the peer's name, or its key.
    [[nodiscard]] std::string name_of(PeerIndex peer) const;
    /// The peer that has exactly this allowed IP.
    [[nodiscard]] std::optional<PeerIndex> owner_of(const RunningTunnel& tunnel,
                                                    const dataplane::IpPrefix& prefix) const;

    /// What is configured of a running peer, as a file could say it. `peer` exists.
    [[nodiscard]] config::Peer settings_of(PeerIndex peer) const;
    /// The same of a tunnel, but for what only a restart changes: with its peers, in the order of their keys.
    [[nodiscard]] config::Tunnel settings_of(const RunningTunnel& tunnel) const;
    [[nodiscard]] Forwarding forwarding_of(const RunningTunnel& tunnel) const;
    /// Zero when it has none.
    [[nodiscard]] config::SecretKey private_key_of(const RunningTunnel& tunnel) const;

    [[nodiscard]] bool describe_peer(protocol::PeerId peer, Event& event) const override;
    void describe_tunnel(protocol::TunnelId tunnel, const crypto::PublicKey* key,
                         Event& event) const override;

  private:
    void set_listen_port(RunningTunnel& tunnel, NewListenPort wanted);
    void apply(RunningTunnel& tunnel, PeerChange change, ChangedBy by);
    std::optional<PeerIndex> add_peer(RunningTunnel& tunnel, const config::Peer& wanted);
    std::vector<std::optional<PeerIndex>> add_peers(RunningTunnel& tunnel,
                                                    std::span<const config::Peer> wanted);
    void change_peer(RunningTunnel& tunnel, PeerIndex peer, const PeerChange& change);
    void remove_peer(RunningTunnel& tunnel, PeerIndex peer);
    void note(RunningTunnel& tunnel, PeerIndex peer, const config::Peer& wanted);
    void allow_only(RunningTunnel& tunnel, PeerIndex peer, const config::Peer& wanted);
    void allow(RunningTunnel& tunnel, PeerIndex peer, const dataplane::IpPrefix& prefix);
    void disallow(RunningTunnel& tunnel, PeerIndex peer, const dataplane::IpPrefix& prefix);
    void put_route(const RunningTunnel& tunnel, const dataplane::IpPrefix& prefix);

    Core& core_;
    Namespaces& namespaces_;
    SocketWatcher& watcher_;
    EndpointNames& names_;
    Events& events_;
    Logger logger_;
    ChangedBy by_ = ChangedBy::file;  ///< whose change is being carried out
    std::vector<std::unique_ptr<RunningTunnel>> tunnels_;
};

}  // namespace ringway::control
