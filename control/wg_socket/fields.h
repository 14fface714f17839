#pragma once

#include <charconv>
#include <concepts>
#include <optional>
#include <span>
#include <string_view>

#include "control/wg_socket/device.h"

namespace ringway::control {

/// A value in decimal digits and nothing else: no sign, no space, within the type's range.
template <std::unsigned_integral T>
[[nodiscard]] std::optional<T> parse_decimal(std::string_view text) {
    T value{};
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || stop != end) return std::nullopt;
    return value;
}

/// Exactly 64 hex digits into `out`, in time that does not depend on them. False leaves `out` unspecified.
[[nodiscard]] bool parse_hex_key(std::string_view text, std::span<std::uint8_t, crypto::kKeyBytes> out);

/// `1.2.3.4:51820` or `[2001:db8::1]:51820`. A scope (`fe80::1%eth0`) is refused: the gateway's
/// ports are not the host's interfaces.
[[nodiscard]] std::optional<WgEndpoint> parse_endpoint(std::string_view text);

/// `10.0.0.0/8` or `fd00::/64`, with `-` before it to remove it. The length may not be left out.
[[nodiscard]] std::optional<WgAllowedIpChange> parse_allowed_ip(std::string_view text);

}  // namespace ringway::control
