#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "control/host/netns.h"

namespace ringway::control::host {

/// An offload setting and what it was, as ethtool's ioctl(2) knows it.
struct OffloadSetting {
    std::uint32_t set_command = 0;
    std::uint32_t value = 0;
};

/// Switches off what makes frames other than they are on the wire: merging on receive (GRO, LRO), splitting
/// (TSO, GSO) and checksums on send. Returns what was on, in the order for restore_offloads().
/// A setting that the device doesn't know is left out.
[[nodiscard]] Result<std::vector<OffloadSetting>> switch_off_offloads(const NetnsHandle& netns,
                                                                      const std::string& interface);
[[nodiscard]] Result<void> restore_offloads(const NetnsHandle& netns, const std::string& interface,
                                            const std::vector<OffloadSetting>& settings);

/// The name of the interface's driver: "veth", "virtio_net".
[[nodiscard]] Result<std::string> driver_of(const NetnsHandle& netns, const std::string& interface);

}  // namespace ringway::control::host
