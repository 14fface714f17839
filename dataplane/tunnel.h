#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "dataplane/prefix_table.h"
#include "dataplane/routing_domain.h"

namespace ringway::dataplane {

/// A host interface's number: ports first, then tunnels; see HostQueue.
using HostIndex = std::uint16_t;

/// One tunnel on the packet path. control: writes; lcores: ro.
struct Tunnel {
    explicit Tunnel(Reclaimer& reclaimer) : allowed_ips(reclaimer) {}

    DomainIndex inner_domain = 0;  ///< namespace of its host interface: where plain packets are routed
    DomainIndex outer_domain = 0;  ///< namespace of the ports and routes that carry the encrypted side
    HostIndex host = 0;
    std::atomic<std::uint16_t> listen_port{0};
    std::uint16_t mtu = 1420;
    /// `forward: host`: both directions pass the host stack and its firewall.
    std::atomic<bool> through_host{false};
    std::atomic<bool> peer_to_peer{true};
    std::atomic<bool> dont_fragment{false};
    PrefixTable allowed_ips;  ///< to PeerIndex
};

}  // namespace ringway::dataplane
