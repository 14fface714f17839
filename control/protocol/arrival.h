#pragma once

#include <cstdint>
#include <span>

#include "control/protocol/plane.h"
#include "dataplane/endpoint.h"

namespace ringway::control::protocol {

/// A UDP payload that came to a tunnel's listen port and is not a transport message. Anything may be in
/// it.
struct HandshakeArrival {
    TunnelId tunnel = 0;
    std::span<const std::uint8_t> bytes;
    dataplane::Endpoint from;
};

}  // namespace ringway::control::protocol
