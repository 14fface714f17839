#pragma once

#include <cstdint>

#include "dataplane/ip_address.h"

namespace ringway::dataplane {

/// A port of ours, numbered in the order of the configuration.
using PortIndex = std::uint16_t;
inline constexpr PortIndex kNoPort = 0xffff;

/// Where a peer was last heard from and where on our side it was heard ("sticky socket routing",
/// Netdev 2.2 paper): replies leave from `local` by `port` while those still exist.
struct Endpoint {
    IpAddress remote;
    std::uint16_t remote_port = 0;  ///< host order
    IpAddress local;                ///< unspecified: the route chooses
    PortIndex port = kNoPort;       ///< kNoPort: the route chooses

    bool operator==(const Endpoint&) const = default;
    [[nodiscard]] bool is_set() const { return remote_port != 0; }
};

}  // namespace ringway::dataplane
