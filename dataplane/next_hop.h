#pragma once

#include <cstdint>

#include "dataplane/endpoint.h"
#include "dataplane/ip_address.h"

namespace ringway::dataplane {

using TunnelIndex = std::uint16_t;
inline constexpr TunnelIndex kNoTunnel = 0xffff;

/// Where a route of the mirrored table leads. The value of a route prefix is an index into its
/// namespace's next hops.
struct NextHop {
    enum class Kind : std::uint8_t {
        local,      ///< an address of ours
        port,       ///< out by a port, to `gateway` or the destination itself
        tunnel,     ///< into a tunnel, whose allowed IPs name the peer
        blackhole,  ///< blackhole, unreachable, prohibit
        host,       ///< whatever the mirror can't evaluate: the host stack decides
    };

    Kind kind = Kind::host;
    PortIndex port = kNoPort;
    TunnelIndex tunnel = kNoTunnel;
    IpAddress gateway;  ///< unspecified: the destination is on the link
    IpAddress source;   ///< the address packets of ours carry by this route; unspecified: none known

    bool operator==(const NextHop&) const = default;
};

}  // namespace ringway::dataplane
