#include "dataplane/outer_headers.h"

namespace ringway::dataplane {
namespace {

constexpr std::uint16_t kDontFragment = 0x4000;
constexpr std::uint8_t kHopLimit = 64;

template <typename Header>
std::span<const std::uint8_t> bytes_of(const Header& header) {
    return {reinterpret_cast<const std::uint8_t*>(&header), sizeof(header)};
}

Ipv4Header ipv4(const OuterHeaders& headers) {
    Ipv4Header ip{};
    ip.version_ihl = 0x45;
    ip.fragment = Be16(headers.dont_fragment ? kDontFragment : 0);
    ip.ttl = kHopLimit;
    ip.protocol = kProtocolUdp;
    std::memcpy(ip.source.data(), headers.source.bytes.data(), ip.source.size());
    std::memcpy(ip.destination.data(), headers.destination.bytes.data(), ip.destination.size());
    return ip;
}

Ipv6Header ipv6(const OuterHeaders& headers) {
    Ipv6Header ip{};
    ip.next_header = kProtocolUdp;
    ip.hop_limit = kHopLimit;
    ip.source = headers.source.bytes;
    ip.destination = headers.destination.bytes;
    return ip;
}

}  // namespace

OuterTemplate::OuterTemplate(const OuterHeaders& headers) : family_(headers.destination.family) {
    std::uint8_t* out = bytes_.data();
    const auto put_header = [&out](const auto& header) {
        std::memcpy(out, &header, sizeof(header));
        out += sizeof(header);
    };
    const UdpHeader udp{Be16(headers.source_port), Be16(headers.destination_port), Be16(), Be16()};
    put_header(EthernetHeader{headers.destination_mac, headers.source_mac,
                              Be16(family_ == Family::v4 ? kEtherTypeIpv4 : kEtherTypeIpv6)});
    if (family_ == Family::v4) {
        const Ipv4Header ip = ipv4(headers);
        sum_ = ones_sum(bytes_of(ip));
        put_header(ip);
    } else {
        sum_ = ones_sum(headers.source.wire()) + ones_sum(headers.destination.wire()) +
               ones_sum(bytes_of(udp)) + kProtocolUdp;
        put_header(ipv6(headers));
    }
    put_header(udp);
}

}  // namespace ringway::dataplane
