// What else lies on a wire: other protocols, pieces, odd places in memory.

#include <fmt/format.h>
#include <rte_mbuf.h>

#include <cstring>

#include "dataplane/classify.h"
#include "dataplane/packet.h"
#include "tests/hostile/attacks.h"

namespace ringway::tests {
namespace {

constexpr std::uint16_t kArp = 0x0806;
constexpr std::size_t kShortestFrame = 60;

Bytes ethernet(const dataplane::MacAddress& to, std::uint16_t type, const Bytes& rest) {
    const dataplane::MacAddress from = {2, 0, 0, 0, 0xee, 1};
    Bytes frame(to.begin(), to.end());
    frame.insert(frame.end(), from.begin(), from.end());
    frame.push_back(static_cast<std::uint8_t>(type >> 8));
    frame.push_back(static_cast<std::uint8_t>(type));
    frame.insert(frame.end(), rest.begin(), rest.end());
    return frame;
}

struct OtherFrame {
    std::string what;
    Bytes frame;
};

/// An ICMPv6 packet of that type to where neighbours are looked for.
Bytes neighbour_discovery(const Besieged& t, PortIndex port, std::uint8_t type, bool unicast) {
    const dataplane::IpAddress own = port == kWan ? t.gateway.wan(Family::v6) : t.gateway.lan(Family::v6);
    Bytes packet = udp_packet(
        {.source = address("fe80::77"), .destination = unicast ? own : address("ff02::1")}, pattern(24, 1));
    packet[offsetof(dataplane::Ipv6Header, next_header)] = 58;
    packet[sizeof(dataplane::Ipv6Header)] = type;
    return packet;
}

std::vector<OtherFrame> other_frames(Besieged& t, PortIndex port) {
    const dataplane::MacAddress own = t.gateway.mac(port);
    const dataplane::MacAddress everyone = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    const dataplane::MacAddress nodes = {0x33, 0x33, 0, 0, 0, 1};
    const Bytes packet = t.bench.plain();
    std::vector<OtherFrame> frames;
    for (const std::uint16_t operation : {0, 1, 2, 3, 0xffff}) {
        Bytes arp = {0,
                     1,
                     8,
                     0,
                     6,
                     4,
                     static_cast<std::uint8_t>(operation >> 8),
                     static_cast<std::uint8_t>(operation)};
        const Bytes rest = t.random_bytes(20);
        arp.insert(arp.end(), rest.begin(), rest.end());
        frames.push_back({"ARP to all", ethernet(everyone, kArp, arp)});
        frames.push_back({"ARP to us", ethernet(own, kArp, arp)});
    }
    for (const std::uint8_t type : {133, 134, 135, 136, 137, 128, 255}) {
        frames.push_back({"ICMPv6 to all", ethernet(nodes, dataplane::kEtherTypeIpv6,
                                                    neighbour_discovery(t, port, type, false))});
        frames.push_back({"ICMPv6 to us", ethernet(own, dataplane::kEtherTypeIpv6,
                                                   neighbour_discovery(t, port, type, true))});
    }
    Bytes tagged = {0, 42, 8, 0};
    tagged.insert(tagged.end(), packet.begin(), packet.end());
    Bytes labelled = {0, 1, 0x01, 64};
    labelled.insert(labelled.end(), packet.begin(), packet.end());
    frames.push_back({"VLAN", ethernet(own, dataplane::kEtherTypeVlan, tagged)});
    frames.push_back({"VLAN in VLAN", ethernet(own, 0x88a8, tagged)});
    frames.push_back({"MPLS", ethernet(own, 0x8847, labelled)});
    frames.push_back({"MPLS multicast", ethernet(own, 0x8848, labelled)});
    for (const std::uint16_t length : {0, 3, 38, 46, 1500})
        frames.push_back({"LLC", ethernet(own, length, {0x42, 0x42, 3, 0, 0, 0})});
    frames.push_back({"spanning tree", ethernet({1, 0x80, 0xc2, 0, 0, 0}, 38, t.random_bytes(38))});
    for (const std::uint16_t type : {0x8809, 0x8863, 0x8864, 0x888e, 0x88cc, 0x88e5, 0x9000, 0xffff})
        frames.push_back({fmt::format("type {:#x}", type), ethernet(own, type, t.random_bytes(50))});
    return frames;
}

}  // namespace

void frames_that_are_no_ip(Besieged& t) {
    for (const PortIndex port : {kWan, kLan}) {
        for (const OtherFrame& other : other_frames(t, port)) {
            t.expect_host(other.frame, other.what, port);
            // Runts, which no honest port lets through.
            const bool is_unicast_ip = other.what == "ICMPv6 to us";
            for (std::size_t bytes = 0; bytes < std::min(kShortestFrame, other.frame.size()); ++bytes) {
                const Bytes runt(other.frame.begin(),
                                 other.frame.begin() + static_cast<std::ptrdiff_t>(bytes));
                const std::string what = fmt::format("{} bytes of {}", bytes, other.what);
                if (bytes < 14 || is_unicast_ip) {
                    t.expect_drop(runt, DropReason::frame_malformed, what, port);
                } else {
                    t.expect_host(runt, what, port);
                }
            }
        }
        const int count = t.is_thorough() ? 20'000 : 1000;
        for (int i = 0; i < count; ++i) {
            const auto type = static_cast<std::uint16_t>(t.random.next_u32());
            if (type == dataplane::kEtherTypeIpv4 || type == dataplane::kEtherTypeIpv6) continue;
            t.expect_host(ethernet(t.gateway.mac(port), type, t.random_bytes(t.random.below(100))),
                          "any type", port);
        }
        t.expect_honest("frames that are no IP");
    }
}

/// They are the host stack's to put together; what is whole again comes back through the tunnel's socket.
void fragments_of_messages(Besieged& t) {
    const Bytes message = t.bench.sealed(t.random_bytes(200));
    const Bytes packet = packet_of(t.from_attacker(message));
    constexpr std::size_t kHeader = sizeof(dataplane::Ipv4Header);
    for (const std::size_t cut : {8U, 16U, 64U, 160U}) {
        for (const bool is_last : {false, true}) {
            const std::size_t from = is_last ? kHeader + cut : kHeader;
            const std::size_t to = is_last ? packet.size() : kHeader + cut;
            Bytes piece(packet.begin(), packet.begin() + kHeader);
            piece.insert(piece.end(), packet.begin() + static_cast<std::ptrdiff_t>(from),
                         packet.begin() + static_cast<std::ptrdiff_t>(to));
            const std::size_t offset = is_last ? cut / 8 : 0;
            piece[2] = static_cast<std::uint8_t>(piece.size() >> 8);
            piece[3] = static_cast<std::uint8_t>(piece.size());
            piece[6] = static_cast<std::uint8_t>((is_last ? 0 : 0x20) | offset >> 8);
            piece[7] = static_cast<std::uint8_t>(offset);
            renew_checksum(piece);
            t.expect_host(t.wan_frame(piece), fmt::format("a fragment cut at {}", cut));
        }
    }
    // Fragments that lie on top of each other, or beyond 65,535 bytes.
    for (const std::uint16_t field : {0x2000, 0x2001, 0x0001, 0x1fff, 0x3fff, 0xbfff}) {
        Bytes piece = packet;
        piece[6] = static_cast<std::uint8_t>(field >> 8);
        piece[7] = static_cast<std::uint8_t>(field);
        renew_checksum(piece);
        t.expect_host(t.wan_frame(piece), fmt::format("a fragment field of {:#x}", field));
    }
    const Bytes whole6 = packet_of(t.from_attacker(message, Family::v6));
    for (const std::uint16_t field : {0x0001, 0x0000, 0x0008, 0xfff9}) {
        Bytes piece = whole6;
        const Bytes header = {
            17, 0, static_cast<std::uint8_t>(field >> 8), static_cast<std::uint8_t>(field), 1, 2, 3, 4};
        piece.insert(piece.begin() + sizeof(dataplane::Ipv6Header), header.begin(), header.end());
        piece[offsetof(dataplane::Ipv6Header, next_header)] = 44;
        const std::size_t payload = piece.size() - sizeof(dataplane::Ipv6Header);
        piece[4] = static_cast<std::uint8_t>(payload >> 8);
        piece[5] = static_cast<std::uint8_t>(payload);
        t.expect_host(t.wan_frame(piece), fmt::format("an IPv6 fragment of {:#x}", field));
    }
    t.expect_honest("fragments");
}

/// Pattern: unaligned loads. Headers lie where the frame put them; the sanitizers see a load that assumes
/// more.
void frames_at_every_alignment(Besieged& t) {
    const auto enter = [&](const Bytes& frame, PortIndex port, std::size_t shift) {
        rte_mbuf* packet = t.gateway.plane().make_packet();
        packet->data_off = static_cast<std::uint16_t>(packet->data_off + shift);
        std::memcpy(rte_pktmbuf_append(packet, static_cast<std::uint16_t>(frame.size())), frame.data(),
                    frame.size());
        t.require(t.gateway.device(port).receive(packet), "the port has room");
        t.count_tried(1);
    };
    for (std::size_t shift = 0; shift < 64; ++shift) {
        for (const Family family : {Family::v4, Family::v6}) {
            const std::string what = fmt::format("a frame shifted by {}", shift);
            const Bytes packet = t.bench.inner(family);
            enter(t.bench.wan_frame(t.bench.sealed(packet), family), kWan, shift);
            enter(t.from_attacker(t.bench.sealed(t.random_bytes(shift)), family), kWan, shift);
            for (int i = 0; i < 4; ++i)
                (void)t.gateway.step();
            const std::vector<Bytes> arrived = t.gateway.take_lan();
            t.require(!arrived.empty() && arrived.front() == forwarded(packet), what);
            while (t.gateway.take_sent(kWan)) {
            }
            enter(t.bench.lan_frame(t.bench.plain(family)), kLan, shift);
            for (int i = 0; i < 4; ++i)
                (void)t.gateway.step();
            t.require(t.gateway.take_sent(kWan).has_value(), what + ", outbound");
        }
    }
}

}  // namespace ringway::tests
