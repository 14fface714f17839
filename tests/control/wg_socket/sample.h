#pragma once

// Values that several tests of this folder share.

#include <string>
#include <string_view>

#include "control/wg_socket/device.h"
#include "control/wg_socket/fields.h"

namespace ringway::control::test {

/// 64 hex digits: a key of one byte value.
inline std::string hex_key(char digit) {
    return std::string(2 * crypto::kKeyBytes, digit);
}

template <typename Key>
Key key_of(std::uint8_t byte) {
    std::array<std::uint8_t, crypto::kKeyBytes> bytes{};
    bytes.fill(byte);
    return Key(std::span<const std::uint8_t, crypto::kKeyBytes>(bytes));
}

inline crypto::PublicKey public_key_of(std::uint8_t byte) {
    crypto::PublicKey key;
    key.bytes.fill(byte);
    return key;
}

inline dataplane::IpPrefix prefix(std::string_view text) {
    return parse_allowed_ip(text).value().prefix;
}

}  // namespace ringway::control::test
