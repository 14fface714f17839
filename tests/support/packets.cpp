#include "tests/support/packets.h"

#include <cstring>
#include <stdexcept>

namespace ringway::tests {

using dataplane::Be16;
using dataplane::Be32;
using dataplane::EthernetHeader;
using dataplane::Family;
using dataplane::IpAddress;
using dataplane::Ipv4Header;
using dataplane::Ipv6Header;
using dataplane::UdpHeader;

namespace {

template <typename Header>
void put(Bytes& out, const Header& header) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(&header);
    out.insert(out.end(), bytes, bytes + sizeof(header));
}

bool is_v4(std::span<const std::uint8_t> packet) {
    return packet[0] >> 4 == 4;
}

std::size_t header_bytes(std::span<const std::uint8_t> packet) {
    return is_v4(packet) ? std::size_t{4} * (packet[0] & 0x0fU) : sizeof(Ipv6Header);
}

/// RFC 1071 word by word, on purpose not the gateway's own.
std::uint16_t checksum(std::span<const std::uint8_t> bytes, std::uint32_t sum = 0) {
    for (std::size_t i = 0; i < bytes.size(); ++i)
        sum += i % 2 == 0 ? std::uint32_t{bytes[i]} << 8 : bytes[i];
    while (sum >> 16 != 0)
        sum = (sum & 0xffff) + (sum >> 16);
    return static_cast<std::uint16_t>(~sum);
}

/// Of the pseudo-header and everything from the UDP header on; zero where the packet's is right.
std::uint16_t udp_checksum(std::span<const std::uint8_t> packet) {
    const std::span<const std::uint8_t> udp = packet.subspan(header_bytes(packet));
    const std::size_t from = is_v4(packet) ? offsetof(Ipv4Header, source) : offsetof(Ipv6Header, source);
    const std::size_t size = is_v4(packet) ? 8 : 32;
    const auto addresses = static_cast<std::uint16_t>(~checksum(packet.subspan(from, size)));
    return checksum(udp, addresses + static_cast<std::uint32_t>(udp.size()) + dataplane::kProtocolUdp);
}

void put16(Bytes& bytes, std::size_t at, std::uint16_t value) {
    bytes[at] = static_cast<std::uint8_t>(value >> 8);
    bytes[at + 1] = static_cast<std::uint8_t>(value);
}

}  // namespace

IpAddress address(const std::string& text) {
    IpAddress out{.family = text.find(':') == std::string::npos ? Family::v4 : Family::v6};
    if (inet_pton(out.family == Family::v4 ? AF_INET : AF_INET6, text.c_str(), out.bytes.data()) != 1)
        throw std::invalid_argument(text);
    return out;
}

dataplane::IpPrefix prefix(const std::string& text) {
    const std::size_t slash = text.find('/');
    return {address(text.substr(0, slash)), static_cast<std::uint8_t>(std::stoi(text.substr(slash + 1)))};
}

Bytes udp_packet(const Udp& headers, std::span<const std::uint8_t> payload) {
    Bytes packet;
    const auto udp_bytes = static_cast<std::uint16_t>(sizeof(UdpHeader) + payload.size());
    if (headers.source.family == Family::v4) {
        Ipv4Header ip{};
        ip.version_ihl = 0x45;
        ip.ds = headers.ds;
        ip.total_length = Be16(static_cast<std::uint16_t>(sizeof(ip) + udp_bytes));
        ip.ttl = headers.ttl;
        ip.protocol = dataplane::kProtocolUdp;
        std::memcpy(ip.source.data(), headers.source.bytes.data(), 4);
        std::memcpy(ip.destination.data(), headers.destination.bytes.data(), 4);
        put(packet, ip);
        renew_checksum(packet);
    } else {
        Ipv6Header ip{};
        ip.version_class_label = Be32(6U << 28 | std::uint32_t{headers.ds} << 20);
        ip.payload_length = Be16(udp_bytes);
        ip.next_header = dataplane::kProtocolUdp;
        ip.hop_limit = headers.ttl;
        ip.source = headers.source.bytes;
        ip.destination = headers.destination.bytes;
        put(packet, ip);
    }
    const std::size_t udp = packet.size();
    put(packet, UdpHeader{Be16(headers.source_port), Be16(headers.destination_port), Be16(udp_bytes), {}});
    packet.insert(packet.end(), payload.begin(), payload.end());
    const std::uint16_t sum = udp_checksum(packet);
    put16(packet, udp + offsetof(UdpHeader, checksum), sum == 0 ? 0xffff : sum);
    return packet;
}

Bytes pattern(std::size_t size, std::uint8_t seed) {
    Bytes bytes(size);
    for (std::size_t i = 0; i < size; ++i)
        bytes[i] = static_cast<std::uint8_t>(seed + i * 7);
    return bytes;
}

Bytes frame(const dataplane::MacAddress& destination, const dataplane::MacAddress& source,
            std::span<const std::uint8_t> packet) {
    Bytes out;
    put(out, EthernetHeader{destination, source,
                            Be16(is_v4(packet) ? dataplane::kEtherTypeIpv4 : dataplane::kEtherTypeIpv6)});
    out.insert(out.end(), packet.begin(), packet.end());
    return out;
}

Bytes packet_of(std::span<const std::uint8_t> frame) {
    return {frame.begin() + sizeof(EthernetHeader), frame.end()};
}

Bytes forwarded(Bytes packet) {
    --packet[is_v4(packet) ? offsetof(Ipv4Header, ttl) : offsetof(Ipv6Header, hop_limit)];
    renew_checksum(packet);
    return packet;
}

void renew_checksum(Bytes& packet) {
    if (!is_v4(packet)) return;
    put16(packet, offsetof(Ipv4Header, checksum), 0);
    put16(packet, offsetof(Ipv4Header, checksum), checksum({packet.data(), header_bytes(packet)}));
}

bool checksums_right(std::span<const std::uint8_t> packet) {
    if (is_v4(packet) && checksum(packet.first(header_bytes(packet))) != 0) return false;
    UdpHeader udp;
    std::memcpy(&udp, packet.data() + header_bytes(packet), sizeof(udp));
    if (udp.checksum.host() == 0) return is_v4(packet);
    return udp_checksum(packet) == 0;
}

std::span<const std::uint8_t> payload_of(std::span<const std::uint8_t> packet) {
    return packet.subspan(header_bytes(packet) + sizeof(UdpHeader));
}

std::uint8_t ds_of(std::span<const std::uint8_t> packet) {
    if (is_v4(packet)) return packet[1];
    return static_cast<std::uint8_t>(packet[0] << 4 | packet[1] >> 4);
}

void set_ds(Bytes& packet, std::uint8_t ds) {
    if (is_v4(packet)) {
        packet[1] = ds;
        renew_checksum(packet);
    } else {
        packet[0] = static_cast<std::uint8_t>(0x60 | ds >> 4);
        packet[1] = static_cast<std::uint8_t>(ds << 4 | (packet[1] & 0x0f));
    }
}

}  // namespace ringway::tests
