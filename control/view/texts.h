#pragma once

#include <cstdint>
#include <string>

#include "crypto/keys.h"
#include "dataplane/endpoint.h"

namespace ringway::control {

// How keys, times and addresses are written, wherever a person or a program reads them.

/// Standard base64, as wg(8) prints a key, and base64url without padding, as a REST path names it.
[[nodiscard]] std::string key_text(const crypto::PublicKey& key);
[[nodiscard]] std::string key_in_path(const crypto::PublicKey& key);
/// RFC 3339 in UTC, to the millisecond.
[[nodiscard]] std::string time_text(std::uint64_t unix_nanoseconds);
/// "192.0.2.1:51820" or "[2001:db8::1]:51820".
[[nodiscard]] std::string endpoint_text(const dataplane::Endpoint& endpoint);

}  // namespace ringway::control
