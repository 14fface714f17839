#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "dataplane/ip_address.h"

namespace ringway::load {

using dataplane::Family;
using dataplane::IpAddress;
using dataplane::IpPrefix;
using PeerNumber = std::uint32_t;

/// `address` plus `n`, within its last 32 bits.
[[nodiscard]] IpAddress plus(IpAddress address, std::uint32_t n);
/// How far `address` is behind `first` in their last 32 bits; nothing if the families or other bits differ.
[[nodiscard]] std::optional<std::uint32_t> distance(const IpAddress& first, const IpAddress& address);
/// "192.0.2.1" or "2001:db8::1"; nothing if it is neither.
[[nodiscard]] std::optional<IpAddress> parse_address(std::string_view text);
/// "192.0.2.1/24", the host's bits kept.
[[nodiscard]] std::optional<IpPrefix> parse_prefix(std::string_view text);
[[nodiscard]] bool contains(const IpPrefix& prefix, const IpAddress& address);

/// Where each peer is: outside by address and UDP port, inside by address.
struct PeerNumbering {
    std::uint32_t count = 1;
    IpAddress first_outer;  ///< of peer 0
    std::uint16_t first_port = 51820;
    std::uint32_t per_address = 1;  ///< peers that share an outer address, on ports one after another
    IpAddress first_inner;

    [[nodiscard]] IpAddress outer(PeerNumber peer) const { return plus(first_outer, peer / per_address); }
    [[nodiscard]] std::uint16_t port(PeerNumber peer) const {
        return static_cast<std::uint16_t>(first_port + peer % per_address);
    }
    [[nodiscard]] IpAddress inner(PeerNumber peer) const { return plus(first_inner, peer); }
    /// How many outer addresses there are.
    [[nodiscard]] std::uint32_t addresses() const { return (count + per_address - 1) / per_address; }
    [[nodiscard]] bool owns_outer(const IpAddress& address) const {
        const auto n = distance(first_outer, address);
        return n && *n < addresses();
    }
    [[nodiscard]] std::optional<PeerNumber> peer_at(const IpAddress& address, std::uint16_t udp_port) const;
};

}  // namespace ringway::load
