#include "tools/load/inner_headers.h"

#include <cstring>

#include "tools/load/flows.h"
#include "tools/load/frame.h"

namespace ringway::load {
namespace {

constexpr std::uint8_t kHopLimit = 64;

std::uint32_t low_of(const IpAddress& address) {
    dataplane::Be32 low;
    std::memcpy(&low, address.bytes.data() + address.size() - sizeof(low), sizeof(low));
    return low.host();
}

template <typename Field>
void put(std::uint8_t* out, std::size_t at, const Field& field) {
    std::memcpy(out + at, &field, sizeof(field));
}

}  // namespace

InnerHeaders::InnerHeaders(const IpAddress& first_source, const IpAddress& first_destination)
    : family_(first_source.family),
      bytes_((family_ == Family::v4 ? sizeof(Ipv4Header) : sizeof(Ipv6Header)) + sizeof(UdpHeader)),
      source_low_(low_of(first_source)),
      destination_low_(low_of(first_destination)) {
    if (family_ == Family::v4) {
        Ipv4Header ip{};
        ip.version_ihl = 0x45;
        ip.ttl = kHopLimit;
        ip.protocol = dataplane::kProtocolUdp;
        sum_ = dataplane::ones_sum({reinterpret_cast<const std::uint8_t*>(&ip), sizeof(ip)});
        put(headers_.data(), 0, ip);
    } else {
        Ipv6Header ip{};
        ip.version_class_label = dataplane::Be32(6U << 28);
        ip.next_header = dataplane::kProtocolUdp;
        ip.hop_limit = kHopLimit;
        ip.source = first_source.bytes;
        ip.destination = first_destination.bytes;
        put(headers_.data(), 0, ip);
    }
    UdpHeader udp{};
    udp.destination = Be16(kLoadPort);
    put(headers_.data(), bytes_ - sizeof(udp), udp);
}

void InnerHeaders::write(std::uint8_t* out, std::uint16_t size, std::uint32_t source,
                         std::uint32_t destination, std::uint16_t source_port) const {
    const std::uint32_t from = source_low_ + source;
    const std::uint32_t to = destination_low_ + destination;
    const std::size_t udp = bytes_ - sizeof(UdpHeader);
    if (family_ == Family::v4) {
        std::memcpy(out, headers_.data(), sizeof(Ipv4Header) + sizeof(UdpHeader));
        std::uint32_t sum = sum_ + size + (from >> 16) + (from & 0xffff) + (to >> 16) + (to & 0xffff);
        sum = (sum & 0xffff) + (sum >> 16);
        sum = (sum & 0xffff) + (sum >> 16);
        put(out, offsetof(Ipv4Header, total_length), Be16(size));
        put(out, offsetof(Ipv4Header, checksum), Be16(static_cast<std::uint16_t>(~sum)));
        put(out, offsetof(Ipv4Header, source), dataplane::Be32(from));
        put(out, offsetof(Ipv4Header, destination), dataplane::Be32(to));
    } else {
        constexpr std::size_t kLow = 12;
        std::memcpy(out, headers_.data(), sizeof(Ipv6Header) + sizeof(UdpHeader));
        put(out, offsetof(Ipv6Header, payload_length), Be16(static_cast<std::uint16_t>(size - udp)));
        put(out, offsetof(Ipv6Header, source) + kLow, dataplane::Be32(from));
        put(out, offsetof(Ipv6Header, destination) + kLow, dataplane::Be32(to));
    }
    put(out, udp + offsetof(UdpHeader, source), Be16(source_port));
    put(out, udp + offsetof(UdpHeader, length), Be16(static_cast<std::uint16_t>(size - udp)));
}

}  // namespace ringway::load
