#pragma once

#include "tests/pressure/trial.h"

namespace ringway::tests {

/// Two gateways whose lcores, control sides, ports, hosts and configurations do one small thing after the
/// other in an order that the seed makes, under more packets than they can carry; then one stops. Between any
/// two things the accounts must balance to the packet, and in the end no packet and no bundle may be missing.
/// Counts samples.
[[nodiscard]] SiegeRow press_accounts(const Trial& trial);

}  // namespace ringway::tests
