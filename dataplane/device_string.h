#pragma once

#include <string>
#include <string_view>

namespace ringway::dataplane {

// What is known of a port's device by its string: a PCI address, or "net_DRIVER0,KEY=VALUE,...". Any thread.

[[nodiscard]] bool is_pci(std::string_view device);
/// What stands before the first comma.
[[nodiscard]] std::string device_name(const std::string& device);
/// What the device string says of `key`, or nothing.
[[nodiscard]] std::string argument_of(const std::string& device, std::string_view key);
/// The kernel interface that an af_packet device reads, or nothing.
[[nodiscard]] std::string af_packet_interface(const std::string& device);
/// The name in the file system that a memif device listens at, or nothing.
[[nodiscard]] std::string memif_socket(const std::string& device);

}  // namespace ringway::dataplane
