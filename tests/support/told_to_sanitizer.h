#pragma once

#include <cstdint>

namespace ringway::tests {

// The thread sanitizer doesn't see into DPDK's libraries, which are built without it. That packets
// pass from thread to thread through its pools and devices is therefore told to it; with no thread
// sanitizer there is nothing to do.

/// What was done to a packet before it went back to its pool is before all that is done to it later.
/// Once, after EAL is up and before there is a pool.
void tell_sanitizer_of_pools();

/// What was done to a packet on one side of a device is before all that is done on the other: for what
/// the device received as well as for what it sent. REQUIRES: the device has its queues.
void tell_sanitizer_of_device(std::uint16_t ethdev, std::uint16_t rx_queues, std::uint16_t tx_queues);

/// The test's side of it: after it took what `ethdev` sent, and before it hands over what it receives.
void tell_sanitizer_taken(std::uint16_t ethdev);
void tell_sanitizer_given(std::uint16_t ethdev);

}  // namespace ringway::tests
