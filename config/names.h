#pragma once

// The shapes that names have to have. Each function says what is wrong with a name, in words that
// follow it, or returns empty text.

#include <string>
#include <string_view>

namespace ringway::config {

/// A Linux network interface, also a port or a tunnel: 1 to 15 letters, digits and _ = + . -
[[nodiscard]] std::string judge_interface_name(std::string_view name);

/// A network namespace as ip-netns(8) names it, or empty for the gateway's own.
[[nodiscard]] std::string judge_netns(std::string_view name);

/// 1 to 63 letters, digits and . _ - @ +, not beginning with a sign, and never to be read as a key:
/// REST paths name a peer by either.
[[nodiscard]] std::string judge_peer_name(std::string_view name);

/// A PCI address, [DOMAIN:]BUS:DEVICE.FUNCTION, or a DPDK virtual device, net_DRIVERn; either may be
/// followed by ,KEY=VALUE arguments. Whether the device exists is not asked.
[[nodiscard]] std::string judge_device(std::string_view device);

/// The part of a device string that names the device, in one spelling.
[[nodiscard]] std::string device_identity(std::string_view device);

}  // namespace ringway::config
