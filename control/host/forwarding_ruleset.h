#pragma once

#include "control/host/netns.h"

namespace ringway::control::host {

/// Whether packet filter rules may sit in the way of packets that `netns` forwards: an nftables base
/// chain at a forward hook (iptables-nft included) or a legacy iptables filter table.
[[nodiscard]] Result<bool> has_forwarding_ruleset(const NetnsHandle& netns);

}  // namespace ringway::control::host
