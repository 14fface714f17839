#pragma once

#include <linux/rtnetlink.h>

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dataplane/ip_address.h"

namespace ringway::control::host {

using dataplane::Family;
using dataplane::IpAddress;
using dataplane::IpPrefix;

using MacAddress = std::array<std::uint8_t, 6>;

/// As the kernel numbers interfaces within one namespace. Zero is "none".
using InterfaceIndex = std::uint32_t;

/// An address with the length of its subnet's prefix, as configurations write it: 10.0.0.1/24.
struct InterfaceAddress {
    IpAddress address;
    std::uint8_t prefix_length = 0;
    auto operator<=>(const InterfaceAddress&) const = default;
    [[nodiscard]] std::string to_string() const {
        return address.to_string() + "/" + std::to_string(prefix_length);
    }
};

struct Link {
    InterfaceIndex index = 0;
    std::string name;
    MacAddress mac{};  ///< zero where the link layer has none (TUN)
    std::uint32_t mtu = 0;
    bool up = false;       ///< switched on by the administrator
    bool running = false;  ///< and has a carrier
    bool operator==(const Link&) const = default;
};

struct Address {
    InterfaceIndex interface = 0;
    IpAddress local;
    IpPrefix subnet;         ///< of the peer, on a point-to-point address
    bool tentative = false;  ///< duplicate address detection is not over or has failed: not usable yet
    bool operator==(const Address&) const = default;
};

enum class RouteType : std::uint8_t {
    unicast,
    local,
    broadcast,
    anycast,
    multicast,
    blackhole,
    unreachable,
    prohibit,
    throw_away,  ///< "throw": the look-up goes on in the next table
    other,
};

struct NextHop {
    std::optional<IpAddress>
        gateway;  ///< none: the destination itself is the neighbour. May be of the other family
    InterfaceIndex interface = 0;
    std::uint32_t weight = 1;
    auto operator<=>(const NextHop&) const = default;
};

struct Route {
    IpPrefix prefix;
    std::uint32_t table = RT_TABLE_MAIN;
    RouteType type = RouteType::unicast;
    std::uint8_t protocol = RTPROT_UNSPEC;
    std::uint32_t metric = 0;  ///< the lowest wins
    std::uint8_t tos = 0;      ///< not zero: only for packets marked so
    IpPrefix from;             ///< length not zero: only for packets from there (IPv6)
    std::optional<IpAddress> preferred_source;
    std::uint32_t mtu = 0;           ///< zero: that of the interface
    std::vector<NextHop> next_hops;  ///< those that can be used
    /// It can't be followed from what is written here (encapsulation, a choice by more than the
    /// destination): such packets belong to the host stack.
    bool opaque = false;
    bool operator==(const Route&) const = default;
    [[nodiscard]] bool is_selective() const { return tos != 0 || from.length != 0; }
    /// None of its next hops can be used.
    [[nodiscard]] bool is_dead() const { return type == RouteType::unicast && next_hops.empty() && !opaque; }
};

enum class NeighbourState : std::uint8_t {
    usable,
    incomplete,  ///< being resolved. The kernel lists it but sends no notification of it
    failed,
};

struct Neighbour {
    InterfaceIndex interface = 0;
    IpAddress address;
    MacAddress mac{};  ///< only when usable
    NeighbourState state = NeighbourState::incomplete;
    bool operator==(const Neighbour&) const = default;
};

}  // namespace ringway::control::host
