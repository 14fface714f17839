#pragma once

#include <string>
#include <string_view>

#include "control/host/netns.h"

namespace ringway::control::host {

/// Reads and writes a value under /proc/sys/net of a namespace; `key` is a path below it:
/// "ipv6/conf/eth0/disable_ipv6". The value comes without its line end.
[[nodiscard]] Result<std::string> read_sysctl(const NetnsHandle& netns, const std::string& key);
[[nodiscard]] Result<void> write_sysctl(const NetnsHandle& netns, const std::string& key,
                                        std::string_view value);

}  // namespace ringway::control::host
