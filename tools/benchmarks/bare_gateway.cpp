#include "tools/benchmarks/bare_gateway.h"

#include <stdexcept>
#include <string>

#include "dataplane/accounting.h"
#include "tests/support/packets.h"

namespace ringway::bench {

using dataplane::IpAddress;
using dataplane::MacAddress;
using dataplane::NeighbourState;
using dataplane::NextHop;

namespace {

constexpr dataplane::TunnelIndex kTunnel = 0;
constexpr std::uint16_t kListenPort = 51820;
constexpr std::size_t kIpAndUdpBytes = sizeof(dataplane::Ipv4Header) + sizeof(dataplane::UdpHeader);
constexpr MacAddress kRouterMac = {2, 0, 0, 0, 0xaa, 1};

dataplane::DataplaneOptions plane_options(const BareGatewayOptions& options) {
    dataplane::DataplaneOptions out;
    out.lcores = options.lcores;
    if (out.lcores.empty()) out.lcores.push_back({.rx = true, .crypto = true, .tx = true});
    out.max_peers = options.peers;
    out.max_tunnels = 1;
    out.packets = options.packets;
    out.queue_limit = options.queue_limit;
    out.host_interfaces = 3;
    out.domains = 1;
    out.neighbours = 16;
    out.aead = options.aead;
    return out;
}

crypto::SymmetricKey random_key(crypto::Random& random) {
    crypto::SymmetricKey key;
    random.fill(key.span());
    return key;
}

}  // namespace

BareGateway::BareGateway(const dataplane::Clock& clock, crypto::Random& random,
                         const BareGatewayOptions& options)
    : options_(options), plane_(plane_options(options), clock), sessions_(plane_, random, counters_) {
    add_ports();
    add_tunnel();
}

void BareGateway::add_ports() {
    for (const dataplane::PortIndex port : {kWan, kLan}) {
        const tests::RingDeviceOptions device{.mac = mac(port),
                                              .tx_queues = static_cast<std::uint16_t>(plane_.tx_lcores()),
                                              .rx_ring = options_.ring,
                                              .tx_ring = options_.ring};
        const std::string name = "bare" + std::to_string(options_.number) + "p" + std::to_string(port);
        devices_.push_back(std::make_unique<tests::RingDevice>(name, device));
        (void)plane_.add_port({.device = devices_.back()->name(), .host = port});
    }
}

void BareGateway::add_tunnel() {
    auto tunnel = std::make_unique<dataplane::Tunnel>(plane_.reclaimer);
    tunnel->host = 2;
    tunnel->listen_port.store(kListenPort);
    plane_.tunnels[kTunnel] = std::move(tunnel);
    dataplane::RoutingDomain& domain = *plane_.domains[0];
    domain.set_listener(kListenPort, kTunnel);
    const std::string n = std::to_string(options_.number);
    const bool done =
        domain.set_route({outside(), 32}, {.kind = NextHop::Kind::local}) &&
        domain.set_route(tests::prefix("10.0.0.0/24"),
                         {.kind = NextHop::Kind::port, .port = kWan, .source = outside()}) &&
        domain.set_route(
            tests::prefix("10." + n + ".0.0/16"),
            {.kind = NextHop::Kind::port, .port = kLan, .gateway = tests::address("10.0.1.1")}) &&
        plane_.neighbours.set(kLan, tests::address("10.0.1.1"), {kRouterMac, NeighbourState::usable});
    if (!done) throw std::runtime_error("no room for the routes");
}

void BareGateway::add_peer(std::size_t index, const BareGateway& other) {
    dataplane::Peer& peer = plane_.peers[index];
    peer.tunnel = kTunnel;
    peer.home = static_cast<std::uint16_t>(index % plane_.rx_lcores());
    peer.tx = static_cast<std::uint16_t>(index % plane_.tx_lcores());
    sessions_.configure_endpoint(static_cast<dataplane::PeerIndex>(index),
                                 {.remote = other.outside(), .remote_port = kListenPort});
    plane_.tunnels[kTunnel]->allowed_ips.insert({other.host(index), 32}, static_cast<std::uint32_t>(index));
}

void BareGateway::install(std::size_t index, crypto::ReceiverIndex local, crypto::ReceiverIndex remote,
                          crypto::TransportKeys keys) {
    const auto peer = static_cast<dataplane::PeerIndex>(index);
    const control::protocol::SessionId session = sessions_.install_session(
        peer,
        {.local_index = local, .remote_index = remote, .is_initiator = false, .born = plane_.clock.now()},
        std::move(keys));
    if (session == control::protocol::kNoSession) throw std::runtime_error("no room for the session");
    sessions_.set_sending(peer, session);
}

void BareGateway::join(BareGateway& one, BareGateway& other, crypto::Random& random) {
    for (auto [here, there] : {std::pair{&one, &other}, std::pair{&other, &one}}) {
        const dataplane::PrefixTable::Batch batch(here->plane_.tunnels[kTunnel]->allowed_ips);
        const std::string net = "10." + std::to_string(there->options_.number) + ".0.0/16";
        const bool done =
            here->plane_.domains[0]->set_route(tests::prefix(net),
                                               {.kind = NextHop::Kind::tunnel, .tunnel = kTunnel}) &&
            here->plane_.neighbours.set(kWan, there->outside(), {there->mac(kWan), NeighbourState::usable});
        if (!done) throw std::runtime_error("no room for the way to the other gateway");
        for (std::size_t i = 0; i < here->options_.peers; ++i)
            here->add_peer(i, *there);
    }
    for (std::size_t i = 0; i < one.options_.peers; ++i) {
        const auto peer = static_cast<dataplane::PeerIndex>(i);
        const auto index_of_one = one.sessions_.reserve_index(peer);
        const auto index_of_other = other.sessions_.reserve_index(peer);
        if (!index_of_one || !index_of_other) throw std::runtime_error("no room for the index");
        const crypto::SymmetricKey there = random_key(random);
        const crypto::SymmetricKey back = random_key(random);
        one.install(i, *index_of_one, *index_of_other, {there.copy(), back.copy()});
        other.install(i, *index_of_other, *index_of_one, {back.copy(), there.copy()});
    }
}

std::vector<std::uint8_t> BareGateway::plain_frame(const BareGateway& other, std::size_t index,
                                                   std::size_t bytes) const {
    const tests::Bytes payload = tests::pattern(bytes - kIpAndUdpBytes, 1);
    return tests::frame(
        mac(kLan), kRouterMac,
        tests::udp_packet({.source = host(index), .destination = other.host(index)}, payload));
}

std::uint64_t BareGateway::sent() const {
    std::uint64_t sum = 0;
    for (const auto& lcore : plane_.lcores)
        sum += lcore->counters.out.get();
    return sum;
}

std::string BareGateway::drops() const {
    std::string text;
    for (std::size_t i = 0; i < dataplane::kDropReasons; ++i) {
        std::uint64_t count = 0;
        for (const auto& lcore : plane_.lcores)
            count += lcore->counters.drops[i].get();
        if (count == 0) continue;
        text += (text.empty() ? "" : " ") + std::string(name(static_cast<dataplane::DropReason>(i))) + "=" +
                std::to_string(count);
    }
    return text;
}

IpAddress BareGateway::outside() const {
    return tests::address("10.0.0." + std::to_string(options_.number));
}

IpAddress BareGateway::host(std::size_t index) const {
    return tests::address("10." + std::to_string(options_.number) + "." + std::to_string(index >> 8) + "." +
                          std::to_string(index & 255));
}

MacAddress BareGateway::mac(dataplane::PortIndex port) const {
    return {2, 0, 0, 0, static_cast<std::uint8_t>(port), static_cast<std::uint8_t>(options_.number)};
}

}  // namespace ringway::bench
