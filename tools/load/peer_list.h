#pragma once

#include <ostream>
#include <string>

#include "tools/load/load.h"

namespace ringway::load {

/// Devices that a written configuration gives the gateway.
struct GatewayDevices {
    std::string cipher;
    std::string plain;
};

/// Writes a whole configuration for `ringway --config`, with the gateway's key that follows from the seed.
void write_config(std::ostream& out, const LoadOptions& options, const GatewayDevices& devices);

/// Writes the gateway's side for `wg setconf`. Addresses and routes are left to ip(8); they are in comments.
void write_wg(std::ostream& out, const LoadOptions& options);

}  // namespace ringway::load
