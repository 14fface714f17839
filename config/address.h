#pragma once

// Addresses, prefixes and socket addresses as the configuration holds them: bytes, not text. Names
// of hosts are not known here: see endpoint.h.

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace ringway::config {

enum class Family : std::uint8_t { v4, v6 };

[[nodiscard]] constexpr std::size_t address_bytes(Family family) {
    return family == Family::v4 ? 4 : 16;
}
[[nodiscard]] constexpr unsigned address_bits(Family family) {
    return family == Family::v4 ? 32 : 128;
}

/// An IPv4 or IPv6 address, bytes in wire order; an IPv4 address fills the first four, the others are
/// zero.
struct Address {
    Family family = Family::v4;
    std::array<std::uint8_t, 16> bytes{};

    auto operator<=>(const Address&) const = default;

    [[nodiscard]] bool is_unspecified() const;
    [[nodiscard]] bool is_loopback() const;
    /// Multicast, and IPv4's limited broadcast.
    [[nodiscard]] bool is_multicast() const;
    /// 169.254.0.0/16 and fe80::/10: means nothing without an interface.
    [[nodiscard]] bool is_link_local() const;
    /// ::ffff:0:0/96, an IPv4 address in IPv6 clothes.
    [[nodiscard]] bool is_v4_mapped() const;
    [[nodiscard]] std::string to_string() const;
};

/// An address and how many of its leading bits count. Where it names a network (allowed IPs, routes)
/// the other bits are zero; where it names a host on its network (interface addresses) they are kept.
struct Prefix {
    Address address;
    std::uint8_t length = 0;  ///< bits, 0..32 or 0..128

    auto operator<=>(const Prefix&) const = default;

    /// The same prefix with the bits behind `length` zeroed.
    [[nodiscard]] Prefix masked() const;
    [[nodiscard]] std::string to_string() const;
};

/// An address and a UDP or TCP port.
struct SocketAddress {
    Address address;
    std::uint16_t port = 0;  ///< host order, 1..65535

    auto operator<=>(const SocketAddress&) const = default;
    [[nodiscard]] std::string to_string() const;
};

/// Each takes the whole of `text` or says what is wrong with it, in words that follow "'text' ".
/// Zones ("fe80::1%eth0") are refused: a zone is an interface, and peers have none.
[[nodiscard]] tl::expected<Address, std::string> parse_address(std::string_view text);
/// ADDRESS/LENGTH; bits behind the length are kept. Without /LENGTH it is a whole address.
[[nodiscard]] tl::expected<Prefix, std::string> parse_prefix(std::string_view text);
/// 1 to 65535.
[[nodiscard]] tl::expected<std::uint16_t, std::string> parse_port(std::string_view text);
/// IPV4:PORT or [IPV6]:PORT.
[[nodiscard]] tl::expected<SocketAddress, std::string> parse_socket_address(std::string_view text);

}  // namespace ringway::config
