#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

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
        blackhole,  ///< dropped in silence
        host,       ///< what the mirror can't evaluate, or must be answered: the host stack decides
    };

    Kind kind = Kind::host;
    PortIndex port = kNoPort;
    TunnelIndex tunnel = kNoTunnel;
    IpAddress gateway;  ///< unspecified: the destination is on the link
    IpAddress source;   ///< the address packets of ours carry by this route; unspecified: none known

    bool operator==(const NextHop&) const = default;
};

struct NextHopHash {
    std::size_t operator()(const NextHop& hop) const {
        const auto of = [](const IpAddress& address) {
            const auto* bytes = reinterpret_cast<const char*>(address.bytes.data());
            return std::hash<std::string_view>{}({bytes, address.bytes.size()});
        };
        const std::size_t small =
            (static_cast<std::size_t>(hop.kind) << 32) | (std::size_t{hop.port} << 16) | hop.tunnel;
        return of(hop.gateway) ^ (of(hop.source) * 3) ^ (small * 0x9e3779b97f4a7c15U);
    }
};

}  // namespace ringway::dataplane
