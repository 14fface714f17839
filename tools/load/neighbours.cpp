#include "tools/load/neighbours.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "tools/load/frame.h"

namespace ringway::load {
namespace {

constexpr MacAddress kBroadcast{0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
constexpr std::uint16_t kArpEthernet = 1;
constexpr std::uint16_t kArpRequest = 1;
constexpr std::uint16_t kArpReply = 2;
constexpr std::uint8_t kProtocolIcmp6 = 58;
constexpr std::uint8_t kNeighbourSolicitation = 135;
constexpr std::uint8_t kNeighbourAdvertisement = 136;
constexpr std::uint8_t kSourceOption = 1;
constexpr std::uint8_t kTargetOption = 2;
constexpr std::uint32_t kSolicitedOverride = 0x60000000;
constexpr std::uint8_t kDiscoveryHops = 255;  ///< proves that nobody forwarded it

struct Arp {
    Be16 hardware;
    Be16 protocol;
    std::uint8_t hardware_bytes;
    std::uint8_t protocol_bytes;
    Be16 operation;
    MacAddress sender_mac;
    std::array<std::uint8_t, 4> sender;
    MacAddress target_mac;
    std::array<std::uint8_t, 4> target;
};
static_assert(sizeof(Arp) == 28);

/// Both discovery messages, with the one option that matters.
struct Discovery {
    std::uint8_t type;
    std::uint8_t code;
    Be16 checksum;
    dataplane::Be32 flags;
    std::array<std::uint8_t, 16> target;
    std::uint8_t option;
    std::uint8_t option_length;  ///< in 8 bytes
    MacAddress mac;
};
static_assert(sizeof(Discovery) == 32);
constexpr std::size_t kDiscoveryWithoutOption = 24;

template <typename Header>
void append(Frame& frame, const Header& header) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(&header);
    frame.insert(frame.end(), bytes, bytes + sizeof(header));
}

template <std::size_t Size>
std::array<std::uint8_t, Size> first_bytes(const IpAddress& address) {
    std::array<std::uint8_t, Size> bytes;
    std::copy_n(address.bytes.begin(), Size, bytes.begin());
    return bytes;
}

Frame arp_frame(const MacAddress& to, const Arp& arp) {
    Frame frame;
    append(frame, EthernetHeader{to, arp.sender_mac, Be16(kEtherTypeArp)});
    append(frame, arp);
    return frame;
}

Arp arp_from(std::uint16_t operation, const MacAddress& mac, const IpAddress& sender) {
    Arp arp{};
    arp.hardware = Be16(kArpEthernet);
    arp.protocol = Be16(dataplane::kEtherTypeIpv4);
    arp.hardware_bytes = sizeof(MacAddress);
    arp.protocol_bytes = 4;
    arp.operation = Be16(operation);
    arp.sender_mac = mac;
    arp.sender = first_bytes<4>(sender);
    return arp;
}

std::uint16_t icmp6_checksum(const IpAddress& source, const IpAddress& destination,
                             const Discovery& message) {
    std::uint64_t sum = dataplane::ones_sum(source.wire());
    sum += dataplane::ones_sum(destination.wire());
    sum += dataplane::ones_sum({reinterpret_cast<const std::uint8_t*>(&message), sizeof(message)});
    sum += sizeof(message) + kProtocolIcmp6;
    while (sum >> 16 != 0)
        sum = (sum & 0xffff) + (sum >> 16);
    return static_cast<std::uint16_t>(~sum);
}

Frame discovery_frame(const MacAddress& to, const MacAddress& from, const IpAddress& source,
                      const IpAddress& destination, Discovery message) {
    message.checksum = Be16(icmp6_checksum(source, destination, message));
    Ipv6Header ip{};
    ip.version_class_label = dataplane::Be32(6U << 28);
    ip.payload_length = Be16(sizeof(message));
    ip.next_header = kProtocolIcmp6;
    ip.hop_limit = kDiscoveryHops;
    ip.source = source.bytes;
    ip.destination = destination.bytes;
    Frame frame;
    append(frame, EthernetHeader{to, from, Be16(dataplane::kEtherTypeIpv6)});
    append(frame, ip);
    append(frame, message);
    return frame;
}

/// ff02::1:ffXX:XXXX, and the Ethernet group that stands for it.
std::pair<IpAddress, MacAddress> solicited_node(const IpAddress& address) {
    IpAddress group{.family = Family::v6, .bytes = {0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff}};
    std::copy_n(address.bytes.begin() + 13, 3, group.bytes.begin() + 13);
    return {group, {0x33, 0x33, 0xff, group.bytes[13], group.bytes[14], group.bytes[15]}};
}

}  // namespace

Neighbours::Neighbours(const MacAddress& mac, const IpAddress& own, const IpAddress& next_hop,
                       std::function<bool(const IpAddress&)> owns)
    : mac_(mac), own_(own), next_hop_(next_hop), owns_(std::move(owns)) {}

Frame Neighbours::question() const {
    if (next_hop_.family == Family::v4) {
        Arp arp = arp_from(kArpRequest, mac_, own_);
        arp.target = first_bytes<4>(next_hop_);
        return arp_frame(kBroadcast, arp);
    }
    const auto [group, group_mac] = solicited_node(next_hop_);
    return discovery_frame(group_mac, mac_, own_, group,
                           {.type = kNeighbourSolicitation,
                            .code = 0,
                            .checksum = {},
                            .flags = {},
                            .target = next_hop_.bytes,
                            .option = kSourceOption,
                            .option_length = 1,
                            .mac = mac_});
}

std::optional<Frame> Neighbours::take(std::span<const std::uint8_t> frame) {
    if (frame.size() < kEthernetBytes) return std::nullopt;
    switch (ether_type(frame.data())) {
        case kEtherTypeArp:
            return take_arp(frame);
        case dataplane::kEtherTypeIpv6:
            return take_icmp6(frame);
        default:
            return std::nullopt;
    }
}

Frame Neighbours::take_arp(std::span<const std::uint8_t> frame) {
    Arp arp;
    if (frame.size() < kEthernetBytes + sizeof(arp)) return {};
    std::memcpy(&arp, frame.data() + kEthernetBytes, sizeof(arp));
    if (arp.protocol.host() != dataplane::kEtherTypeIpv4 || arp.protocol_bytes != 4) return {};
    const auto sender = IpAddress::from_wire(Family::v4, arp.sender.data());
    if (sender == next_hop_) next_hop_mac_ = arp.sender_mac;
    const auto target = IpAddress::from_wire(Family::v4, arp.target.data());
    if (arp.operation.host() != kArpRequest || !owns_(target)) return {};
    Arp answer = arp_from(kArpReply, mac_, target);
    answer.target_mac = arp.sender_mac;
    answer.target = arp.sender;
    return arp_frame(arp.sender_mac, answer);
}

std::optional<Frame> Neighbours::take_icmp6(std::span<const std::uint8_t> frame) {
    const std::span<const std::uint8_t> packet = frame.subspan(kEthernetBytes);
    const auto ip = dataplane::parse_ip(packet);
    if (!ip || ip->protocol != kProtocolIcmp6 || ip->ttl != kDiscoveryHops) return std::nullopt;
    const std::size_t bytes = ip->total_bytes - ip->header_bytes;
    Discovery message{};
    if (bytes < kDiscoveryWithoutOption) return std::nullopt;
    std::memcpy(&message, packet.data() + ip->header_bytes, std::min(bytes, sizeof(message)));
    const bool has_mac = bytes >= sizeof(message) && message.option_length == 1;
    const auto source = IpAddress::from_wire(Family::v6, ip->source);
    const auto target = IpAddress::from_wire(Family::v6, message.target.data());
    if (message.type == kNeighbourAdvertisement) {
        if (target == next_hop_ && has_mac && message.option == kTargetOption) next_hop_mac_ = message.mac;
        return Frame{};
    }
    if (message.type != kNeighbourSolicitation) return std::nullopt;
    if (source == next_hop_ && has_mac && message.option == kSourceOption) next_hop_mac_ = message.mac;
    if (!owns_(target) || source.is_unspecified()) return Frame{};
    MacAddress asker;
    std::copy_n(frame.begin() + offsetof(EthernetHeader, source), asker.size(), asker.begin());
    return discovery_frame(asker, mac_, target, source,
                           {.type = kNeighbourAdvertisement,
                            .code = 0,
                            .checksum = {},
                            .flags = dataplane::Be32(kSolicitedOverride),
                            .target = message.target,
                            .option = kTargetOption,
                            .option_length = 1,
                            .mac = mac_});
}

}  // namespace ringway::load
