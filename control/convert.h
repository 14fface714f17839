#pragma once

// The configuration's types as those of the packet path: config/ depends on no other folder.

#include <algorithm>

#include "config/configuration.h"
#include "crypto/keys.h"
#include "dataplane/endpoint.h"
#include "dataplane/ip_address.h"

namespace ringway::control {

[[nodiscard]] inline dataplane::IpAddress to_address(const config::Address& address) {
    const bool v4 = address.family == config::Family::v4;
    return {.family = v4 ? dataplane::Family::v4 : dataplane::Family::v6, .bytes = address.bytes};
}

[[nodiscard]] inline dataplane::IpPrefix to_prefix(const config::Prefix& prefix) {
    return {.address = to_address(prefix.address), .length = prefix.length};
}

[[nodiscard]] inline dataplane::Endpoint to_endpoint(const config::SocketAddress& address) {
    return {.remote = to_address(address.address), .remote_port = address.port, .local = {}};
}

[[nodiscard]] inline config::Prefix from_prefix(const dataplane::IpPrefix& prefix) {
    const bool v4 = prefix.address.family == dataplane::Family::v4;
    return {
        .address = {.family = v4 ? config::Family::v4 : config::Family::v6, .bytes = prefix.address.bytes},
        .length = prefix.length};
}

[[nodiscard]] inline config::SocketAddress from_address(const dataplane::IpAddress& address,
                                                        std::uint16_t port) {
    const bool v4 = address.family == dataplane::Family::v4;
    return {.address = {.family = v4 ? config::Family::v4 : config::Family::v6, .bytes = address.bytes},
            .port = port};
}

[[nodiscard]] inline config::PublicKey from_key(const crypto::PublicKey& key) {
    return {.bytes = key.bytes};
}

[[nodiscard]] inline crypto::PublicKey to_key(const config::PublicKey& key) {
    return {.bytes = key.bytes};
}

/// `Key` is PrivateKey or PresharedKey.
template <typename Key>
[[nodiscard]] Key to_secret(const config::SecretKey& key) {
    return Key(key.bytes());
}

}  // namespace ringway::control
