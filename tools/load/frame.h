#pragma once

// Just enough parsing of received frames for a hot loop: Ethernet, IPv4 without options or IPv6, UDP.

#include <cstdint>
#include <cstring>
#include <optional>
#include <span>

#include "dataplane/headers.h"

namespace ringway::load {

using dataplane::Be16;
using dataplane::EthernetHeader;
using dataplane::Ipv4Header;
using dataplane::Ipv6Header;
using dataplane::kEthernetBytes;
using dataplane::UdpHeader;

inline constexpr std::uint16_t kEtherTypeArp = 0x0806;

[[nodiscard]] inline std::uint16_t read_be16(const std::uint8_t* from) {
    std::uint16_t raw = 0;
    std::memcpy(&raw, from, sizeof(raw));
    return __builtin_bswap16(raw);
}

[[nodiscard]] inline std::uint16_t ether_type(const std::uint8_t* frame) {
    return read_be16(frame + offsetof(EthernetHeader, type));
}

/// A UDP packet; pointers into it.
struct UdpView {
    dataplane::Family family;
    std::uint16_t source_port;
    std::uint16_t destination_port;
    const std::uint8_t* source;  ///< address
    const std::uint8_t* destination;
    const std::uint8_t* payload;
    std::size_t payload_bytes;
};

/// The UDP packet that begins at `bytes`. Nothing if it is another protocol, a fragment, or cut short.
[[nodiscard]] inline std::optional<UdpView> parse_udp(std::span<const std::uint8_t> bytes) {
    constexpr std::uint16_t kFragmentBits = 0x3fff;
    UdpView view{};
    std::size_t header = 0;
    std::size_t total = 0;
    const std::uint8_t* ip = bytes.data();
    if (bytes.size() < sizeof(Ipv4Header) + sizeof(UdpHeader)) return std::nullopt;
    if (ip[0] == 0x45) {
        header = sizeof(Ipv4Header);
        total = read_be16(ip + offsetof(Ipv4Header, total_length));
        if (ip[offsetof(Ipv4Header, protocol)] != dataplane::kProtocolUdp) return std::nullopt;
        if ((read_be16(ip + offsetof(Ipv4Header, fragment)) & kFragmentBits) != 0) return std::nullopt;
        view.family = dataplane::Family::v4;
        view.source = ip + offsetof(Ipv4Header, source);
        view.destination = ip + offsetof(Ipv4Header, destination);
    } else if (ip[0] >> 4 == 6 && bytes.size() >= sizeof(Ipv6Header) + sizeof(UdpHeader)) {
        header = sizeof(Ipv6Header);
        total = header + read_be16(ip + offsetof(Ipv6Header, payload_length));
        if (ip[offsetof(Ipv6Header, next_header)] != dataplane::kProtocolUdp) return std::nullopt;
        view.family = dataplane::Family::v6;
        view.source = ip + offsetof(Ipv6Header, source);
        view.destination = ip + offsetof(Ipv6Header, destination);
    } else {
        return std::nullopt;
    }
    const std::uint8_t* udp = ip + header;
    if (total > bytes.size() || total < header + sizeof(UdpHeader)) return std::nullopt;
    const std::size_t length = read_be16(udp + offsetof(UdpHeader, length));
    if (length < sizeof(UdpHeader) || length > total - header) return std::nullopt;
    view.source_port = read_be16(udp + offsetof(UdpHeader, source));
    view.destination_port = read_be16(udp + offsetof(UdpHeader, destination));
    view.payload = udp + sizeof(UdpHeader);
    view.payload_bytes = length - sizeof(UdpHeader);
    return view;
}

}  // namespace ringway::load
