#pragma once

// Keys that follow from a seed, so that a peer list written today fits the load of tomorrow. Whoever knows
// the seed knows the keys: they are for tests only.

#include <cstdint>

#include "crypto/keys.h"

namespace ringway::load {

/// The private key of peer `number`, clamped.
[[nodiscard]] crypto::PrivateKey peer_private_key(std::uint64_t seed, std::uint32_t number);
/// The preshared key of peer `number`.
[[nodiscard]] crypto::PresharedKey peer_preshared_key(std::uint64_t seed, std::uint32_t number);
/// The private key that a written configuration gives the gateway, clamped.
[[nodiscard]] crypto::PrivateKey gateway_private_key(std::uint64_t seed);

}  // namespace ringway::load
