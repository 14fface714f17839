#pragma once

// Packets as tests write them down: plain bytes, checksums right unless a test breaks them.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "dataplane/headers.h"
#include "dataplane/neighbour_table.h"

namespace ringway::tests {

using Bytes = std::vector<std::uint8_t>;

/// "192.168.1.2" or "fd00::1". Throws std::invalid_argument.
[[nodiscard]] dataplane::IpAddress address(const std::string& text);
/// "192.168.1.0/24".
[[nodiscard]] dataplane::IpPrefix prefix(const std::string& text);

/// One UDP packet's headers; the family is the addresses'.
struct Udp {
    dataplane::IpAddress source;
    dataplane::IpAddress destination;
    std::uint16_t source_port = 4000;
    std::uint16_t destination_port = 5000;
    std::uint8_t ttl = 64;
    std::uint8_t ds = 0;
};

/// An IP packet: IP and UDP headers, payload, all checksums.
[[nodiscard]] Bytes udp_packet(const Udp& headers, std::span<const std::uint8_t> payload);
/// `size` bytes that `seed` tells apart.
[[nodiscard]] Bytes pattern(std::size_t size, std::uint8_t seed);

/// An Ethernet frame around an IP packet, of the type its version says.
[[nodiscard]] Bytes frame(const dataplane::MacAddress& destination, const dataplane::MacAddress& source,
                          std::span<const std::uint8_t> packet);
/// The frame without its Ethernet header.
[[nodiscard]] Bytes packet_of(std::span<const std::uint8_t> frame);

/// What a router makes of an IP packet: one hop less to live, its checksum renewed from scratch.
[[nodiscard]] Bytes forwarded(Bytes packet);
/// Makes the IPv4 header checksum right; nothing for IPv6.
void renew_checksum(Bytes& packet);
/// IPv4: the header checksum; both: the UDP checksum, where there is one (over IPv6 there must be).
[[nodiscard]] bool checksums_right(std::span<const std::uint8_t> packet);

/// The UDP payload of an IP packet: of an outer packet, the WireGuard message.
[[nodiscard]] std::span<const std::uint8_t> payload_of(std::span<const std::uint8_t> packet);
[[nodiscard]] std::uint8_t ds_of(std::span<const std::uint8_t> packet);
void set_ds(Bytes& packet, std::uint8_t ds);

}  // namespace ringway::tests
