#pragma once

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>

namespace ringway::dataplane {

enum class Family : std::uint8_t { v4, v6 };

[[nodiscard]] constexpr std::size_t address_bytes(Family family) {
    return family == Family::v4 ? 4 : 16;
}

/// An IPv4 or IPv6 address, bytes in wire order; an IPv4 address fills the first four.
struct IpAddress {
    Family family = Family::v4;
    std::array<std::uint8_t, 16> bytes{};

    auto operator<=>(const IpAddress&) const = default;

    [[nodiscard]] static IpAddress from_wire(Family family, const void* wire) {
        IpAddress out{.family = family};
        std::memcpy(out.bytes.data(), wire, address_bytes(family));
        return out;
    }
    [[nodiscard]] constexpr std::size_t size() const { return address_bytes(family); }
    [[nodiscard]] constexpr std::span<const std::uint8_t> wire() const { return {bytes.data(), size()}; }
    /// True for 0.0.0.0 and ::, which also stand for "not set".
    [[nodiscard]] constexpr bool is_unspecified() const {
        return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t b) { return b == 0; });
    }
    [[nodiscard]] std::string to_string() const {
        std::array<char, INET6_ADDRSTRLEN> text{};
        inet_ntop(family == Family::v4 ? AF_INET : AF_INET6, bytes.data(), text.data(), text.size());
        return text.data();
    }
};

/// An address and how many of its leading bits count; the others are zero.
struct IpPrefix {
    IpAddress address;
    std::uint8_t length = 0;

    auto operator<=>(const IpPrefix&) const = default;
    [[nodiscard]] std::string to_string() const { return address.to_string() + "/" + std::to_string(length); }
};

}  // namespace ringway::dataplane
