// Packet tables: what a packet is, what it must become. Each row breaks one rule alone.

#include <doctest/doctest.h>

#include <cstring>

#include "crypto/aead.h"
#include "crypto/messages.h"
#include "dataplane/packet.h"
#include "tests/support/test_network.h"

namespace ringway::tests {

using namespace std::chrono_literals;
using dataplane::NeighbourState;
using dataplane::NextHop;

namespace {

constexpr PortIndex kWan = TestGateway::kWan;
constexpr PortIndex kLan = TestGateway::kLan;

/// Gateway 1 under test, with a session with gateway 2, the counterpart that a test speaks for; a third
/// peer that has no session, and a fourth without endpoint.
struct Bench {
    TestNetwork network;
    TestGateway& a = network.add({.number = 1});
    TestGateway& b = network.add({.number = 2});
    TestGateway& c = network.add({.number = 3});
    TestGateway& d = network.add({.number = 4});
    std::uint64_t counter = 1000;

    Bench() {
        TestNetwork::join(a, b);
        TestNetwork::join(a, c);
        (void)a.add_peer(d, {.endpoint = std::nullopt});
        REQUIRE(a.receive_from_lan(plain()));
        network.settle();
        REQUIRE(b.take_lan().size() == 1);
        REQUIRE(b.has_session(b.peer(a)));
    }

    /// From a's LAN to b's.
    [[nodiscard]] Bytes plain(Family family = Family::v4, std::size_t payload = 20) const {
        return udp_packet({.source = a.host(family), .destination = b.host(family)}, pattern(payload, 1));
    }
    /// From b's LAN to a's.
    [[nodiscard]] Bytes inner(Family family = Family::v4) const {
        return udp_packet({.source = b.host(family), .destination = a.host(family)}, pattern(20, 1));
    }
    [[nodiscard]] Bytes lan_frame(const Bytes& packet) const {
        return frame(a.mac(kLan), a.host_mac(), packet);
    }
    [[nodiscard]] Bytes wan_frame(const Bytes& message, Family family = Family::v4,
                                  std::uint16_t port = TestGateway::kListenPort, std::uint8_t ds = 0) const {
        const Udp headers{.source = b.wan(family),
                          .destination = a.wan(family),
                          .source_port = TestGateway::kListenPort,
                          .destination_port = port,
                          .ds = ds};
        return frame(a.mac(kWan), b.mac(kWan), udp_packet(headers, message));
    }
    [[nodiscard]] const dataplane::Keypair& keypair_to_a() {
        return b.plane().keypairs[b.plane().peers[b.peer(a)].outbound.glance().keypair];
    }
    [[nodiscard]] dataplane::Keypair& keypair_of_b() {
        return a.plane().keypairs[a.plane().peers[a.peer(b)].outbound.glance().keypair];
    }
    /// What b would send: `plaintext` sealed for a.
    [[nodiscard]] Bytes sealed(std::span<const std::uint8_t> plaintext, std::uint64_t number) {
        const dataplane::Keypair& keypair = keypair_to_a();
        const crypto::MessageTransport header{crypto::Le32(4), keypair.remote_index, crypto::Le64(number)};
        Bytes message(sizeof(header) + plaintext.size() + crypto::kTagBytes);
        std::memcpy(message.data(), &header, sizeof(header));
        crypto::aead_seal({message.data() + sizeof(header), plaintext.size() + crypto::kTagBytes},
                          keypair.keys->send, number, plaintext, {});
        return message;
    }
    [[nodiscard]] Bytes sealed(std::span<const std::uint8_t> plaintext) {
        return sealed(plaintext, ++counter);
    }
    [[nodiscard]] Bytes handshake(std::uint8_t type, std::size_t size) const {
        Bytes message = pattern(size, 9);
        std::fill_n(message.begin(), std::min<std::size_t>(4, size), 0);
        if (size > 0) message[0] = type;
        return message;
    }
};

using MakeFrame = std::function<Bytes(Bench&)>;

struct DropCase {
    const char* description;
    PortIndex port;
    MakeFrame make;
    DropReason verdict;
};

Bytes cut(Bytes bytes, std::size_t size) {
    bytes.resize(size);
    return bytes;
}
Bytes with(Bytes bytes, std::size_t at, std::uint8_t value) {
    bytes.at(at) = value;
    return bytes;
}
Bytes flipped(Bytes bytes, std::size_t at) {
    bytes.at(at) ^= 1;
    return bytes;
}
/// An IPv4 packet with one header byte changed and its checksum right again.
Bytes with_header(Bytes packet, std::size_t at, std::uint8_t value) {
    packet.at(at) = value;
    renew_checksum(packet);
    return packet;
}
Bytes with_ds(Bytes packet, std::uint8_t ds) {
    set_ds(packet, ds);
    return packet;
}
/// The inner packet of `family` from `source`, a text.
Bytes inner_from(const Bench& t, const char* source) {
    const dataplane::IpAddress from = address(source);
    return udp_packet({.source = from, .destination = t.a.host(from.family)}, pattern(20, 1));
}
Bytes plain_from(const Bench& t, const char* source) {
    const dataplane::IpAddress from = address(source);
    return udp_packet({.source = from, .destination = t.b.host(from.family)}, pattern(20, 1));
}

using R = DropReason;

const std::vector<DropCase> kFrames{
    {"no whole Ethernet header", kLan, [](Bench& t) { return cut(t.lan_frame(t.plain()), 13); },
     R::frame_malformed},
    {"empty IPv4 frame", kLan, [](Bench& t) { return cut(t.lan_frame(t.plain()), 14); }, R::frame_malformed},
    {"IPv4 header cut short", kLan, [](Bench& t) { return cut(t.lan_frame(t.plain()), 33); },
     R::frame_malformed},
    {"IPv6 header cut short", kLan, [](Bench& t) { return cut(t.lan_frame(t.plain(Family::v6)), 53); },
     R::frame_malformed},
    {"IPv4 total length beyond the frame", kLan, [](Bench& t) { return cut(t.lan_frame(t.plain()), 61); },
     R::frame_malformed},
    {"IPv6 payload length beyond the frame", kLan,
     [](Bench& t) {
         const Bytes frame = t.lan_frame(t.plain(Family::v6));
         return cut(frame, frame.size() - 1);
     },
     R::frame_malformed},
    {"IPv4 header length below 20", kLan,
     [](Bench& t) { return t.lan_frame(with_header(t.plain(), 0, 0x44)); }, R::frame_malformed},
    {"IPv4 header length beyond the packet", kLan,
     [](Bench& t) { return t.lan_frame(with(t.plain(), 0, 0x4f)); }, R::frame_malformed},
    {"IPv4 total length below its header", kLan, [](Bench& t) { return t.lan_frame(with(t.plain(), 3, 19)); },
     R::frame_malformed},
    {"an IP version of 5", kLan, [](Bench& t) { return with(t.lan_frame(t.plain()), 14, 0x55); },
     R::frame_malformed},
    {"IPv4 header checksum wrong", kLan, [](Bench& t) { return t.lan_frame(with(t.plain(), 8, 63)); },
     R::header_checksum},
    {"another station's frame", kLan,
     [](Bench& t) {
         return frame({2, 9, 9, 9, 9, 9}, t.a.host_mac(), t.plain());
     },
     R::not_for_us},
    {"our own frame, seen again", kLan,
     [](Bench& t) { return frame(t.a.mac(kLan), t.a.mac(kLan), t.plain()); }, R::outgoing_copy},
};

const std::vector<DropCase> kPlain{
    {"source loopback", kLan, [](Bench& t) { return t.lan_frame(plain_from(t, "127.0.0.1")); },
     R::martian_source},
    {"source 0/8", kLan, [](Bench& t) { return t.lan_frame(plain_from(t, "0.1.2.3")); }, R::martian_source},
    {"source multicast", kLan, [](Bench& t) { return t.lan_frame(plain_from(t, "224.0.0.1")); },
     R::martian_source},
    {"source broadcast", kLan, [](Bench& t) { return t.lan_frame(plain_from(t, "255.255.255.255")); },
     R::martian_source},
    {"source our own", kLan, [](Bench& t) { return t.lan_frame(plain_from(t, "10.0.0.1")); },
     R::martian_source},
    {"IPv6 source loopback", kLan, [](Bench& t) { return t.lan_frame(plain_from(t, "::1")); },
     R::martian_source},
    {"IPv6 source unspecified", kLan, [](Bench& t) { return t.lan_frame(plain_from(t, "::")); },
     R::martian_source},
    {"IPv6 source multicast", kLan, [](Bench& t) { return t.lan_frame(plain_from(t, "ff02::1")); },
     R::martian_source},
    {"IPv6 source our own", kLan, [](Bench& t) { return t.lan_frame(plain_from(t, "fd00:1::1")); },
     R::martian_source},
    {"a destination no peer has", kLan,
     [](Bench& t) {
         t.a.route("172.16.0.0/12", {.kind = NextHop::Kind::tunnel, .tunnel = 0});
         return t.lan_frame(udp_packet({.source = t.a.host(Family::v4), .destination = address("172.16.1.1")},
                                       pattern(20, 1)));
     },
     R::no_peer},
    {"a peer never heard of", kLan,
     [](Bench& t) {
         return t.lan_frame(udp_packet({.source = t.a.host(Family::v4), .destination = t.d.host(Family::v4)},
                                       pattern(20, 1)));
     },
     R::no_endpoint},
};

const std::vector<DropCase> kMessages{
    {"no message at all", kWan, [](Bench& t) { return t.wan_frame({}); }, R::message_malformed},
    {"three bytes", kWan,
     [](Bench& t) {
         return t.wan_frame({4, 0, 0});
     },
     R::message_malformed},
    {"type 0", kWan, [](Bench& t) { return t.wan_frame(t.handshake(0, 148)); }, R::message_malformed},
    {"type 5", kWan, [](Bench& t) { return t.wan_frame(t.handshake(5, 148)); }, R::message_malformed},
    {"initiation one byte short", kWan, [](Bench& t) { return t.wan_frame(t.handshake(1, 147)); },
     R::message_malformed},
    {"initiation one byte long", kWan, [](Bench& t) { return t.wan_frame(t.handshake(1, 149)); },
     R::message_malformed},
    {"response one byte short", kWan, [](Bench& t) { return t.wan_frame(t.handshake(2, 91)); },
     R::message_malformed},
    {"response one byte long", kWan, [](Bench& t) { return t.wan_frame(t.handshake(2, 93)); },
     R::message_malformed},
    {"cookie reply one byte short", kWan, [](Bench& t) { return t.wan_frame(t.handshake(3, 63)); },
     R::message_malformed},
    {"cookie reply one byte long", kWan, [](Bench& t) { return t.wan_frame(t.handshake(3, 65)); },
     R::message_malformed},
    {"transport one byte short", kWan, [](Bench& t) { return t.wan_frame(cut(t.sealed({}), 31)); },
     R::message_malformed},
    {"first reserved byte set", kWan, [](Bench& t) { return t.wan_frame(with(t.sealed(t.inner()), 1, 1)); },
     R::message_malformed},
    {"last reserved byte set", kWan, [](Bench& t) { return t.wan_frame(with(t.sealed(t.inner()), 3, 0x80)); },
     R::message_malformed},
    {"initiation with a reserved byte", kWan,
     [](Bench& t) { return t.wan_frame(with(t.handshake(1, 148), 2, 1)); }, R::message_malformed},
    {"UDP length below its header", kWan,
     [](Bench& t) {
         Bytes frame = t.wan_frame(t.sealed(t.inner()));
         frame[14 + 20 + 4] = 0;
         frame[14 + 20 + 5] = 7;
         return frame;
     },
     R::message_malformed},
    {"UDP length beyond the IP packet", kWan,
     [](Bench& t) {
         Bytes frame = t.wan_frame(t.sealed(t.inner()));
         ++frame[14 + 20 + 5];
         return frame;
     },
     R::message_malformed},
    {"an index nobody has", kWan, [](Bench& t) { return t.wan_frame(flipped(t.sealed(t.inner()), 7)); },
     R::unknown_index},
    {"an index of another tunnel", kWan,
     [](Bench& t) {
         std::array<std::uint8_t, 32> key{1};
         control::TunnelSpec other;
         other.private_key = crypto::PrivateKey(key);
         other.listen_port = 51821;
         other.host = TestGateway::kTunnelHost;
         t.a.core().add_tunnel(1, std::move(other));
         return t.wan_frame(t.sealed(t.inner()), Family::v4, 51821);
     },
     R::unknown_index},
    {"a counter at REJECT_AFTER_MESSAGES", kWan,
     [](Bench& t) { return t.wan_frame(t.sealed(t.inner(), crypto::kRejectAfterMessages)); },
     R::session_expired},
    {"a session of REJECT_AFTER_TIME", kWan,
     [](Bench& t) {
         const Bytes message = t.sealed(t.inner());
         // Only a's lcore may notice: its control side would take the session away.
         t.network.clock().advance(180s);
         return t.wan_frame(message);
     },
     R::session_expired},
    {"a tag with one bit wrong", kWan,
     [](Bench& t) {
         Bytes message = t.sealed(t.inner());
         message.back() ^= 1;
         return t.wan_frame(message);
     },
     R::auth_failed},
    {"a counter other than the one it was sealed with", kWan,
     [](Bench& t) {
         Bytes message = t.sealed(t.inner());
         message[8] ^= 1;
         return t.wan_frame(message);
     },
     R::auth_failed},
    {"a keepalive with a forged tag", kWan, [](Bench& t) { return t.wan_frame(flipped(t.sealed({}), 20)); },
     R::auth_failed},
    {"a counter once more", kWan,
     [](Bench& t) {
         const Bytes frame = t.wan_frame(t.sealed(t.inner()));
         REQUIRE(t.a.receive(kWan, frame));
         t.network.settle();
         REQUIRE(t.a.take_lan().size() == 1);
         return frame;
     },
     R::replayed},
    {"a counter behind the window", kWan,
     [](Bench& t) {
         REQUIRE(t.a.receive(kWan, t.wan_frame(t.sealed(t.inner(), 100 + crypto::kReplayWindow + 1))));
         t.network.settle();
         REQUIRE(t.a.take_lan().size() == 1);
         return t.wan_frame(t.sealed(t.inner(), 99));
     },
     R::replayed},
};

const std::vector<DropCase> kInner{
    {"one byte inside", kWan, [](Bench& t) { return t.wan_frame(t.sealed(Bytes{0x45})); },
     R::inner_malformed},
    {"neither IPv4 nor IPv6", kWan, [](Bench& t) { return t.wan_frame(t.sealed(with(t.inner(), 0, 0x75))); },
     R::inner_malformed},
    {"zeros", kWan, [](Bench& t) { return t.wan_frame(t.sealed(Bytes(64, 0))); }, R::inner_malformed},
    {"IPv4 longer than what came", kWan, [](Bench& t) { return t.wan_frame(t.sealed(cut(t.inner(), 40))); },
     R::inner_malformed},
    {"IPv6 longer than what came", kWan,
     [](Bench& t) { return t.wan_frame(t.sealed(cut(t.inner(Family::v6), 60))); }, R::inner_malformed},
    {"IPv4 header of four words", kWan,
     [](Bench& t) { return t.wan_frame(t.sealed(with(t.inner(), 0, 0x44))); }, R::inner_malformed},
    {"a source nobody has", kWan, [](Bench& t) { return t.wan_frame(t.sealed(inner_from(t, "8.8.8.8"))); },
     R::disallowed_source},
    {"an IPv6 source nobody has", kWan,
     [](Bench& t) { return t.wan_frame(t.sealed(inner_from(t, "2001:db8::1"))); }, R::disallowed_source},
    {"another peer's source", kWan,
     [](Bench& t) { return t.wan_frame(t.sealed(inner_from(t, "192.168.3.2"))); }, R::disallowed_source},
    {"a source that another peer's longer prefix covers", kWan,
     [](Bench& t) {
         t.a.core().add_allowed_ip(t.a.peer(t.c), prefix("192.168.2.128/25"));
         return t.wan_frame(t.sealed(inner_from(t, "192.168.2.130")));
     },
     R::disallowed_source},
    {"a loopback source that the peer may use", kWan,
     [](Bench& t) {
         t.a.core().add_allowed_ip(t.a.peer(t.b), prefix("127.0.0.0/8"));
         return t.wan_frame(t.sealed(inner_from(t, "127.0.0.1")));
     },
     R::martian_source},
    {"our own source that the peer may use", kWan,
     [](Bench& t) {
         t.a.core().add_allowed_ip(t.a.peer(t.b), prefix("192.168.1.0/24"));
         return t.wan_frame(t.sealed(inner_from(t, "192.168.1.1")));
     },
     R::martian_source},
    {"congestion met outside, inner IPv4 not capable", kWan,
     [](Bench& t) { return t.wan_frame(t.sealed(t.inner()), Family::v4, TestGateway::kListenPort, 3); },
     R::ecn_invalid},
    {"congestion met outside, inner IPv6 not capable", kWan,
     [](Bench& t) {
         return t.wan_frame(t.sealed(t.inner(Family::v6)), Family::v6, TestGateway::kListenPort, 3);
     },
     R::ecn_invalid},
    {"a LAN neighbour that failed", kWan,
     [](Bench& t) {
         t.a.neighbour(kLan, t.a.host(Family::v4), {{}, NeighbourState::failed});
         return t.wan_frame(t.sealed(t.inner()));
     },
     R::neighbour_failed},
};

const std::vector<DropCase> kOutwards{
    {"no outer route", kLan,
     [](Bench& t) {
         t.a.plane().domains[0]->remove_route(prefix("10.0.0.0/24"));
         t.a.plane().routing_generation.fetch_add(1);
         return t.lan_frame(t.plain());
     },
     R::no_route},
    {"an outer route into the tunnel itself", kLan,
     [](Bench& t) {
         t.a.route("10.0.0.0/24", {.kind = NextHop::Kind::tunnel, .tunnel = 0});
         return t.lan_frame(t.plain());
     },
     R::no_route},
    {"a blackhole towards the peer", kLan,
     [](Bench& t) {
         t.a.route("10.0.0.0/24", {.kind = NextHop::Kind::blackhole});
         return t.lan_frame(t.plain());
     },
     R::blackhole},
    {"decrypted, a blackhole's", kWan,
     [](Bench& t) {
         t.a.route("198.51.100.0/24", {.kind = NextHop::Kind::blackhole});
         return t.wan_frame(t.sealed(udp_packet(
             {.source = t.b.host(Family::v4), .destination = address("198.51.100.1")}, pattern(20, 1))));
     },
     R::blackhole},
    {"no address of ours in the peer's family", kLan,
     [](Bench& t) {
         t.a.plane().domains[0]->remove_route(prefix("10.0.0.1/32"));
         t.a.route("10.0.0.0/24", {.kind = NextHop::Kind::port, .port = kWan});
         return t.lan_frame(t.plain());
     },
     R::no_source_address},
    {"a next hop that failed", kLan,
     [](Bench& t) {
         t.a.neighbour(kWan, t.b.wan(Family::v4), {{}, NeighbourState::failed});
         return t.lan_frame(t.plain());
     },
     R::neighbour_failed},
};

void expect_drop(const DropCase& row) {
    CAPTURE(row.description);
    Bench bench;
    const std::uint64_t host_before = bench.a.totals().to_host;
    const Bytes frame = row.make(bench);
    REQUIRE(bench.a.drop_names().empty());
    REQUIRE(bench.a.receive(row.port, frame));
    for (int i = 0; i < 4; ++i)
        (void)dataplane::poll(bench.a.lcore(0));
    CHECK(bench.a.drop_names() == std::string(name(row.verdict)) + "=1");
    CHECK(bench.a.take_lan().empty());
    for (dataplane::HostIndex host = 0; host < 3; ++host)
        CHECK(bench.a.take_host(host).empty());
    CHECK(bench.a.totals().to_host == host_before);
    CHECK(bench.a.accounts_balance());
    CHECK(bench.a.plane().in_flight() == 0);
}

void expect_drops(const std::vector<DropCase>& rows) {
    for (const DropCase& row : rows)
        expect_drop(row);
}

/// A frame that belongs to the host stack, and by which interface it must get it.
struct HostCase {
    const char* description;
    PortIndex port;
    MakeFrame make;
    dataplane::HostIndex host;
};

Bytes arp_frame(const Bench& t) {
    Bytes bytes(60, 0);
    std::fill_n(bytes.begin(), 6, 0xff);
    const dataplane::MacAddress source = t.a.host_mac();
    std::copy(source.begin(), source.end(), bytes.begin() + 6);
    bytes[12] = 8;
    bytes[13] = 6;
    return bytes;
}

const std::vector<HostCase> kForTheHost{
    {"ARP", kLan, [](Bench& t) { return arp_frame(t); }, kLan},
    {"an unknown Ethernet type", kWan, [](Bench& t) { return with(t.wan_frame(t.sealed({})), 12, 0x88); },
     kWan},
    {"multicast on the wire", kLan,
     [](Bench& t) {
         return frame({1, 0, 0x5e, 0, 0, 1}, t.a.host_mac(), t.plain());
     },
     kLan},
    {"a packet to one of our addresses", kLan,
     [](Bench& t) {
         return t.lan_frame(udp_packet({.source = t.a.host(Family::v4), .destination = t.a.lan(Family::v4)},
                                       pattern(20, 1)));
     },
     kLan},
    {"another UDP port than ours", kWan,
     [](Bench& t) { return t.wan_frame(t.sealed(t.inner()), Family::v4, 51999); }, kWan},
    {"a fragment of a message", kWan,
     [](Bench& t) {
         const Bytes frame_bytes = t.wan_frame(t.sealed(t.inner()));
         return frame(t.a.mac(kWan), t.b.mac(kWan), with_header(packet_of(frame_bytes), 6, 0x20));
     },
     kWan},
    {"UDP too short for its header", kWan,
     [](Bench& t) {
         const Bytes frame_bytes = t.wan_frame({});
         return frame(t.a.mac(kWan), t.b.mac(kWan), cut(with_header(packet_of(frame_bytes), 3, 27), 27));
     },
     kWan},
    {"no route", kLan,
     [](Bench& t) {
         return t.lan_frame(udp_packet(
             {.source = t.a.host(Family::v4), .destination = address("203.0.113.1")}, pattern(20, 1)));
     },
     kLan},
    {"between plain ports", kLan,
     [](Bench& t) {
         return t.lan_frame(udp_packet({.source = t.a.host(Family::v4), .destination = t.b.wan(Family::v4)},
                                       pattern(20, 1)));
     },
     kLan},
    {"a plain packet whose time is up", kLan,
     [](Bench& t) {
         return t.lan_frame(
             udp_packet({.source = t.a.host(Family::v4), .destination = t.b.host(Family::v4), .ttl = 1},
                        pattern(20, 1)));
     },
     kLan},
    {"a plain packet beyond the tunnel's MTU", kLan,
     [](Bench& t) { return t.lan_frame(t.plain(Family::v4, 1393)); }, kLan},
    {"decrypted, to one of our addresses", kWan,
     [](Bench& t) {
         return t.wan_frame(t.sealed(udp_packet(
             {.source = t.b.host(Family::v4), .destination = t.a.lan(Family::v4)}, pattern(20, 1))));
     },
     TestGateway::kTunnelHost},
    {"decrypted, without a route", kWan,
     [](Bench& t) {
         return t.wan_frame(t.sealed(udp_packet(
             {.source = t.b.host(Family::v6), .destination = address("2001:db8::1")}, pattern(20, 1))));
     },
     TestGateway::kTunnelHost},
    {"decrypted, its time is up", kWan,
     [](Bench& t) {
         return t.wan_frame(t.sealed(
             udp_packet({.source = t.b.host(Family::v6), .destination = t.a.host(Family::v6), .ttl = 1},
                        pattern(20, 1))));
     },
     TestGateway::kTunnelHost},
    {"decrypted, link-local", kWan,
     [](Bench& t) {
         return t.wan_frame(t.sealed(udp_packet(
             {.source = t.b.host(Family::v6), .destination = address("fe80::1")}, pattern(20, 1))));
     },
     TestGateway::kTunnelHost},
    {"decrypted, multicast", kWan,
     [](Bench& t) {
         return t.wan_frame(t.sealed(udp_packet(
             {.source = t.b.host(Family::v4), .destination = address("224.0.0.5")}, pattern(20, 1))));
     },
     TestGateway::kTunnelHost},
    {"decrypted, forward: host", kWan,
     [](Bench& t) {
         t.a.core().set_forwarding(0, true, true, false);
         return t.wan_frame(t.sealed(t.inner()));
     },
     TestGateway::kTunnelHost},
    {"plain, forward: host", kLan,
     [](Bench& t) {
         t.a.core().set_forwarding(0, true, true, false);
         return t.lan_frame(t.plain());
     },
     kLan},
};

}  // namespace

TEST_CASE("a malformed frame is dropped by name") {
    expect_drops(kFrames);
}
TEST_CASE("a plain packet that may not enter the tunnel is dropped by name") {
    expect_drops(kPlain);
}
TEST_CASE("a message that is malformed, misdirected, forged or repeated is dropped by name") {
    expect_drops(kMessages);
}
TEST_CASE("an authentic packet that must not go on is dropped by name") {
    expect_drops(kInner);
}
TEST_CASE("a sealed packet that can't leave is dropped by name") {
    expect_drops(kOutwards);
}

TEST_CASE("what is the host stack's goes to the interface it came by, unchanged") {
    for (const HostCase& row : kForTheHost) {
        CAPTURE(row.description);
        Bench bench;
        const Bytes frame = row.make(bench);
        REQUIRE(bench.a.receive(row.port, frame));
        bench.network.settle();
        CHECK(bench.a.drop_names().empty());
        for (dataplane::HostIndex host = 0; host < 3; ++host) {
            const std::vector<Bytes> got = bench.a.take_host(host);
            REQUIRE(got.size() == (host == row.host ? 1 : 0));
            // From a port the whole frame; out of a tunnel the IP packet that was inside.
            if (host == row.host && host != TestGateway::kTunnelHost) CHECK(got[0] == frame);
            if (host == row.host && host == TestGateway::kTunnelHost) CHECK(checksums_right(got[0]));
        }
        CHECK(bench.a.accounts_balance());
    }
}

TEST_CASE("congestion marks cross the tunnel as RFC 6040 says") {
    struct Row {
        std::uint8_t inner, outer, result;
    };
    for (const Family family : {Family::v4, Family::v6}) {
        for (const Row& row : {Row{0, 0, 0},
                               {0, 2, 0},
                               {1, 0, 1},
                               {1, 3, 3},
                               {2, 0, 2},
                               {2, 3, 3},
                               {3, 0, 3},
                               {3, 3, 3},
                               {0xb8 | 2, 3, 0xb8 | 3}}) {
            CAPTURE(int{row.inner});
            CAPTURE(int{row.outer});
            Bench bench;
            const Bytes packet = with_ds(bench.inner(family), row.inner);
            REQUIRE(bench.a.receive(
                kWan, bench.wan_frame(bench.sealed(packet), family, TestGateway::kListenPort, row.outer)));
            bench.network.settle();
            const std::vector<Bytes> arrived = bench.a.take_lan();
            REQUIRE(arrived.size() == 1);
            CHECK(arrived[0] == forwarded(with_ds(packet, row.result)));
        }
        // On the way out congestion begins anew as "capable"; the class stays inside.
        for (const auto& [inner, outer] : {std::pair{0, 0}, {1, 1}, {2, 2}, {3, 2}, {0xb8, 0}, {0xb9, 1}}) {
            Bench bench;
            bench.network.start_capture();
            REQUIRE(bench.a.receive_from_lan(with_ds(bench.plain(family), static_cast<std::uint8_t>(inner))));
            bench.network.settle();
            REQUIRE(bench.network.captured().size() == 1);
            CHECK(int{ds_of(packet_of(bench.network.captured()[0].frame))} == outer);
        }
    }
}

TEST_CASE("a more specific prefix given to the peer itself lets its source in") {
    Bench bench;
    bench.a.core().add_allowed_ip(bench.a.peer(bench.b), prefix("192.168.3.128/25"));
    const Bytes packet = inner_from(bench, "192.168.3.130");
    REQUIRE(bench.a.receive(kWan, bench.wan_frame(bench.sealed(packet))));
    bench.network.settle();
    CHECK(bench.a.take_lan() == std::vector<Bytes>{forwarded(packet)});
}

TEST_CASE("trailing bytes behind the inner packet are cut off") {
    Bench bench;
    const Bytes packet = bench.inner();
    Bytes longer = packet;
    longer.resize(packet.size() + 33, 0xee);
    REQUIRE(bench.a.receive(kWan, bench.wan_frame(bench.sealed(longer))));
    bench.network.settle();
    CHECK(bench.a.take_lan() == std::vector<Bytes>{forwarded(packet)});
}

TEST_CASE("a packet from the host's own tunnel interface: malformed and too big are dropped by name") {
    Bench bench;
    REQUIRE(bench.a.receive_from_host(cut(bench.plain(), 19)));
    bench.network.settle();
    CHECK(bench.a.drop_names() == "frame_malformed=1");
    REQUIRE(bench.a.receive_from_host(bench.plain(Family::v4, 1393)));
    bench.network.settle();
    CHECK(bench.a.drop_names() == "frame_malformed=1 too_big=1");
    const Bytes packet = bench.plain();
    REQUIRE(bench.a.receive_from_host(packet));
    bench.network.settle();
    CHECK(bench.b.take_lan() == std::vector<Bytes>{forwarded(packet)});
    CHECK(bench.network.accounts_balance());
}

TEST_CASE("a segmented packet is made whole; without memory for that it is dropped by name") {
    for (const bool memory : {true, false}) {
        CAPTURE(memory);
        Bench bench;
        const Bytes packet = bench.plain();
        const Bytes frame_bytes = bench.lan_frame(packet);
        rte_mbuf* first = bench.a.plane().make_packet();
        rte_mbuf* second = bench.a.plane().make_packet();
        const std::size_t half = 40;
        std::memcpy(rte_pktmbuf_append(first, half), frame_bytes.data(), half);
        const auto rest = static_cast<std::uint16_t>(frame_bytes.size() - half);
        std::memcpy(rte_pktmbuf_append(second, rest), frame_bytes.data() + half, rest);
        REQUIRE(rte_pktmbuf_chain(first, second) == 0);
        std::vector<rte_mbuf*> held;
        if (!memory) {
            // No room to linearise, and nothing to copy into.
            first->data_off = static_cast<std::uint16_t>(first->buf_len - half);
            std::memcpy(dataplane::data(first), frame_bytes.data(), half);
            while (rte_mbuf* packet_held = bench.a.plane().make_packet())
                held.push_back(packet_held);
        }
        REQUIRE(bench.a.device(kLan).receive(first));
        (void)dataplane::poll(bench.a.lcore(0));
        rte_pktmbuf_free_bulk(held.data(), static_cast<unsigned>(held.size()));
        bench.network.settle();
        CHECK(bench.a.drop_names() == (memory ? "" : "mbuf_unusable=1"));
        if (memory) CHECK(bench.b.take_lan() == std::vector<Bytes>{forwarded(forwarded(packet))});
        CHECK(bench.network.accounts_balance());
    }
}

TEST_CASE("a packet whose next hop is not known waits with the control side, in a bounded queue") {
    Bench bench;
    bench.a.neighbour(kWan, bench.b.wan(Family::v4), {{}, NeighbourState::absent});
    bench.network.settle();
    const std::size_t room = bench.a.plane().unresolved.capacity();
    for (std::size_t i = 0; i < room + 10; ++i) {
        REQUIRE(bench.a.receive_from_lan(bench.plain()));
        (void)bench.a.step();
    }
    CHECK(bench.a.plane().unresolved.size() == room);
    CHECK(bench.a.drop_names() == "neighbour_queue_full=10");
    CHECK(bench.network.accounts_balance());
}

TEST_CASE("a frame beyond the port's MTU is dropped by name") {
    TestNetwork network;
    TestGateway& a = network.add({.number = 1});
    TestGateway& b = network.add({.number = 2});
    TestNetwork::join(a, b, {.endpoint = Family::v6});
    const auto through = [&](std::size_t payload) {
        REQUIRE(a.receive_from_lan(udp_packet(
            {.source = a.host(Family::v4), .destination = b.host(Family::v4)}, pattern(payload, 1))));
        network.settle();
        return b.take_lan().size();
    };
    CHECK(through(1392) == 1);  // 1420 + 32 + 48 = 1500
    a.plane().tunnels[0]->mtu = 1440;
    CHECK(through(1393) == 0);
    CHECK(a.drop_names() == "too_big=1");
    CHECK(network.accounts_balance());
}

TEST_CASE("a tx lcore that does not keep up: the control side's messages are dropped by name") {
    Bench bench;
    auto& submitted = bench.a.plane().tx_lcore(0).tx->submitted;
    while (submitted.push(bench.a.plane().make_packet())) {
    }
    bench.a.core().engine().on_session_wanted(bench.a.peer(bench.c), bench.network.clock().now());
    (void)bench.a.core().turn();
    CHECK(bench.a.drop_names() == "submit_queue_full=1");
}

}  // namespace ringway::tests
