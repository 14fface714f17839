#include "tests/support/test_gateway.h"

#include <rte_mempool.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

#include "crypto/noise.h"
#include "dataplane/packet.h"
#include "tests/support/eal.h"

namespace ringway::tests {

using dataplane::IpAddress;
using dataplane::IpPrefix;
using dataplane::MacAddress;
using dataplane::NeighbourState;
using dataplane::NextHop;

namespace {

constexpr std::uint64_t kUnixSecond = 1'700'000'000;

crypto::PrivateKey private_key(unsigned number) {
    std::array<std::uint8_t, crypto::kKeyBytes> bytes{};
    SeededRandom(1000 + number).fill(bytes);
    return crypto::PrivateKey(bytes);
}

/// Two gateways find the same one without a word.
crypto::PresharedKey preshared_key(unsigned one, unsigned other) {
    std::array<std::uint8_t, crypto::kKeyBytes> bytes{};
    SeededRandom(2000 + std::uint64_t{one} * other).fill(bytes);
    return crypto::PresharedKey(bytes);
}

IpAddress numbered(Family family, const std::string& v4, const std::string& v6) {
    return address(family == Family::v4 ? v4 : v6);
}

dataplane::DataplaneOptions plane_options(const GatewayOptions& options) {
    dataplane::DataplaneOptions out;
    out.lcores = options.lcores;
    out.max_peers = options.max_peers;
    out.max_tunnels = 2;
    out.packets = options.packets;
    out.bundles = options.bundles;
    out.queue_limit = options.queue_limit;
    out.host_queue = options.host_queue;
    out.host_limits = options.host_limits;
    out.host_interfaces = 4;
    out.domains = 1;
    out.neighbours = 256;
    return out;
}

Bytes bytes_of(rte_mbuf* packet) {
    const std::uint8_t* from = dataplane::data(packet);
    return {from, from + packet->data_len};
}

/// A packet of the gateway's own pool, as a NIC or the host would fill it.
rte_mbuf* make_mbuf(dataplane::Dataplane& plane, std::span<const std::uint8_t> bytes) {
    rte_mbuf* packet = plane.make_packet();
    if (packet == nullptr) return nullptr;
    std::ranges::copy(bytes, reinterpret_cast<std::uint8_t*>(
                                 rte_pktmbuf_append(packet, static_cast<std::uint16_t>(bytes.size()))));
    return packet;
}

}  // namespace

TestGateway::TestGateway(const dataplane::Clock& clock, const GatewayOptions& options)
    : options_(options),
      random_(options.number),
      public_key_(crypto::LocalIdentity::from(private_key(options.number)).public_key),
      plane_(std::make_unique<dataplane::Dataplane>(plane_options(options), clock)) {
    add_ports(options);
    core_ = std::make_unique<control::Core>(*plane_, random_,
                                            [&clock] { return kUnixSecond * 1'000'000'000 + clock.now(); });
    add_routes();
    control::TunnelSpec tunnel;
    tunnel.private_key = private_key(options.number);
    tunnel.listen_port = kListenPort;
    tunnel.host = kTunnelHost;
    core_->add_tunnel(kTunnel, std::move(tunnel));
    attach();
}

TestGateway::~TestGateway() {
    detach();
    core_.reset();
    plane_.reset();
}

void TestGateway::add_ports(const GatewayOptions& options) {
    for (const PortIndex port : {kWan, kLan}) {
        const RingDeviceOptions device{
            .mac = mac(port),
            .rx_queues = options.rx_queues,
            .tx_queues = static_cast<std::uint16_t>(plane_->tx_lcores()),
            .rx_ring = options.rx_ring,
            .tx_ring = port == kWan ? options.wan_tx_ring : options.lan_tx_ring,
        };
        const std::string name = "g" + std::to_string(number()) + "p" + std::to_string(port);
        devices_.push_back(std::make_unique<RingDevice>(name, device));
        (void)plane_->add_port({.device = devices_.back()->name(),
                                .mtu = port == kWan ? std::uint16_t{1500} : std::uint16_t{1420},
                                .rx_queues = options.rx_queues,
                                .host = port});
    }
}

void TestGateway::add_routes() {
    for (const Family family : {Family::v4, Family::v6}) {
        const std::uint8_t whole = family == Family::v4 ? 32 : 128;
        for (const IpAddress& own : {wan(family), lan(family)})
            route(IpPrefix{own, whole}.to_string(), {.kind = NextHop::Kind::local});
        route(family == Family::v4 ? "10.0.0.0/24" : "fd00::/64",
              {.kind = NextHop::Kind::port, .port = kWan, .source = wan(family)});
        const std::string net = std::to_string(number());
        route(family == Family::v4 ? "192.168." + net + ".0/24" : "fd00:" + net + "::/64",
              {.kind = NextHop::Kind::port, .port = kLan, .source = lan(family)});
        neighbour(kLan, host(family), {host_mac(), NeighbourState::usable});
    }
}

IpAddress TestGateway::wan(Family family) const {
    const std::string n = std::to_string(number());
    return numbered(family, "10.0.0." + n, "fd00::" + n);
}

IpAddress TestGateway::lan(Family family) const {
    const std::string n = std::to_string(number());
    return numbered(family, "192.168." + n + ".1", "fd00:" + n + "::1");
}

IpAddress TestGateway::host(Family family) const {
    const std::string n = std::to_string(number());
    return numbered(family, "192.168." + n + ".2", "fd00:" + n + "::2");
}

MacAddress TestGateway::mac(PortIndex port) const {
    return {2, 0, 0, 0, static_cast<std::uint8_t>(port), static_cast<std::uint8_t>(number())};
}

MacAddress TestGateway::host_mac() const {
    return {2, 0, 0, 0, 0xaa, static_cast<std::uint8_t>(number())};
}

PeerIndex TestGateway::add_peer(const TestGateway& other, const PeerOptions& options) {
    control::PeerSpec spec;
    spec.public_key = other.public_key();
    if (options.preshared_key) spec.preshared_key = preshared_key(number(), other.number());
    spec.persistent_keepalive = options.persistent_keepalive;
    if (options.endpoint)
        spec.endpoint =
            dataplane::Endpoint{.remote = other.wan(*options.endpoint), .remote_port = kListenPort};
    const std::optional<PeerIndex> peer = core_->add_peer(kTunnel, std::move(spec));
    if (!peer) throw std::runtime_error("no room for the peer");

    const std::string net = std::to_string(other.number());
    for (const std::string& lan : {"192.168." + net + ".0/24", "fd00:" + net + "::/64"}) {
        core_->add_allowed_ip(*peer, prefix(lan));
        route(lan, {.kind = NextHop::Kind::tunnel, .tunnel = kTunnel});
    }
    for (const Family family : {Family::v4, Family::v6})
        neighbour(kWan, other.wan(family), {other.mac(kWan), NeighbourState::usable});
    return *peer;
}

PeerIndex TestGateway::peer(const TestGateway& other) const {
    return core_->find_peer(kTunnel, other.public_key()).value();
}

void TestGateway::route(const std::string& text, const NextHop& hop) {
    if (!plane_->domains[0]->set_route(prefix(text), hop)) throw std::runtime_error("no room for the route");
    plane_->routing_generation.fetch_add(1);
}

void TestGateway::neighbour(PortIndex port, const IpAddress& at, const dataplane::Neighbour& state) {
    if (!plane_->neighbours.set(port, at, state)) throw std::runtime_error("no room for the neighbour");
    plane_->routing_generation.fetch_add(1);
}

void TestGateway::move_wan(const IpAddress& to) {
    const std::uint8_t whole = to.family == Family::v4 ? 32 : 128;
    plane_->domains[0]->remove_route({wan(to.family), whole});
    route(IpPrefix{to, whole}.to_string(), {.kind = NextHop::Kind::local});
    route(to.family == Family::v4 ? "10.0.0.0/24" : "fd00::/64",
          {.kind = NextHop::Kind::port, .port = kWan, .source = to});
}

bool TestGateway::receive(PortIndex port, std::span<const std::uint8_t> frame, std::uint16_t queue) {
    rte_mbuf* packet = make_mbuf(*plane_, frame);
    if (packet == nullptr) return false;
    if (devices_[port]->receive(packet, queue)) return true;
    rte_pktmbuf_free(packet);
    return false;
}

bool TestGateway::receive_from_lan(std::span<const std::uint8_t> packet, std::uint16_t queue) {
    return receive(kLan, frame(mac(kLan), host_mac(), packet), queue);
}

bool TestGateway::receive_from_host(std::span<const std::uint8_t> bytes, dataplane::TunnelIndex tunnel) {
    rte_mbuf* packet = make_mbuf(*plane_, bytes);
    if (packet == nullptr) return false;
    dataplane::meta(packet).kind = dataplane::PacketKind::plain;
    dataplane::meta(packet).tunnel = tunnel;
    return enter_from_host(plane_->rx_lcore(0).rx->from_host, packet);
}

bool TestGateway::send_from_host(PortIndex port, std::span<const std::uint8_t> frame) {
    rte_mbuf* packet = make_mbuf(*plane_, frame);
    if (packet == nullptr) return false;
    dataplane::meta(packet).kind = dataplane::PacketKind::frame;
    dataplane::meta(packet).port = port;
    return enter_from_host(plane_->submitter(port).tx->submitted, packet);
}

bool TestGateway::enter_from_host(dataplane::Ring<rte_mbuf*>& ring, rte_mbuf* packet) {
    if (!ring.push(packet)) {
        rte_pktmbuf_free(packet);
        return false;
    }
    host_counters_.from_host.add();
    return true;
}

std::optional<Bytes> TestGateway::take_sent(PortIndex port) {
    for (std::uint16_t queue = 0; queue < devices_[port]->tx_queues(); ++queue) {
        rte_mbuf* packet = devices_[port]->take_sent(queue);
        if (packet == nullptr) continue;
        Bytes bytes = bytes_of(packet);
        rte_pktmbuf_free(packet);
        return bytes;
    }
    return std::nullopt;
}

std::vector<Bytes> TestGateway::take_lan() {
    std::vector<Bytes> packets;
    while (const std::optional<Bytes> sent = take_sent(kLan))
        packets.push_back(packet_of(*sent));
    return packets;
}

std::vector<Bytes> TestGateway::take_host(dataplane::HostIndex host) {
    std::vector<Bytes> packets;
    rte_mbuf* packet = nullptr;
    while (plane_->hosts[host]->packets.pop(packet)) {
        packets.push_back(bytes_of(packet));
        rte_pktmbuf_free(packet);
        host_counters_.to_host.add();
    }
    return packets;
}

bool TestGateway::step() {
    bool busy = false;
    for (const auto& lcore : plane_->lcores)
        busy |= dataplane::poll(*lcore);
    return core_->turn() || busy;
}

dataplane::Totals TestGateway::totals() const {
    dataplane::Totals totals;
    for (const auto& lcore : plane_->lcores)
        totals.add(lcore->counters);
    totals.add(core_->counters());
    totals.add(host_counters_);
    return totals;
}

std::uint64_t TestGateway::drops(DropReason reason) const {
    return totals().drops[static_cast<std::size_t>(reason)];
}

std::uint64_t TestGateway::opened_or_sealed() const {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < plane_->lcores.size(); ++i)
        sum += opened_or_sealed(i);
    return sum;
}

std::uint64_t TestGateway::opened_or_sealed(std::size_t lcore) const {
    return plane_->lcores[lcore]->counters.aead_packets.get();
}

std::string TestGateway::drop_names() const {
    std::string text;
    for (std::size_t i = 0; i < dataplane::kDropReasons; ++i) {
        const auto reason = static_cast<DropReason>(i);
        const std::uint64_t count = drops(reason);
        if (count == 0) continue;
        text += (text.empty() ? "" : " ") + std::string(name(reason)) + "=" + std::to_string(count);
    }
    return text;
}

bool TestGateway::accounts_balance() const {
    return totals().under_way() == static_cast<std::int64_t>(plane_->in_flight());
}

unsigned TestGateway::packets_in_use() const {
    return rte_mempool_in_use_count(plane_->packets());
}

bool TestGateway::has_session(PeerIndex peer) const {
    return plane_->peers[peer].outbound.glance().keypair != dataplane::kNoKeypair;
}

void TestGateway::attach() {
    if (attached_) return;
    for (const auto& lcore : plane_->lcores) {
        plane_->rcu.register_reader(lcore->number);
        plane_->rcu.online(lcore->number);
    }
    attached_ = true;
}

void TestGateway::detach() {
    if (!attached_) return;
    for (const auto& lcore : plane_->lcores)
        plane_->rcu.unregister_reader(lcore->number);
    attached_ = false;
}

LcoreThreads::LcoreThreads(TestGateway& gateway, unsigned first, Around around, bool adaptive)
    : gateway_(gateway),
      first_(first),
      around_(std::move(around)),
      adaptive_(adaptive),
      threads_(gateway.plane().lcores.size()) {
    gateway_.detach();
    for (std::size_t i = 0; i < threads_.size(); ++i)
        bodies_.emplace_back([this, i] { run(i); });
    for (std::size_t i = 0; i < bodies_.size(); ++i)
        eal().launch(first + static_cast<unsigned>(i), bodies_[i]);
}

void LcoreThreads::run(std::size_t lcore) {
    if (around_.before) around_.before(lcore);
    threads_[lcore].store(gettid());
    threads_[lcore].notify_one();
    dataplane::run(gateway_.lcore(lcore), stop_, adaptive_);
    if (around_.after) around_.after(lcore);
}

std::vector<pid_t> LcoreThreads::threads() const {
    std::vector<pid_t> threads;
    for (const std::atomic<pid_t>& thread : threads_) {
        thread.wait(0);
        threads.push_back(thread.load());
    }
    return threads;
}

LcoreThreads::~LcoreThreads() {
    stop_.store(true);
    for (std::size_t i = 0; i < bodies_.size(); ++i)
        eal().join(first_ + static_cast<unsigned>(i));
    gateway_.attach();
}

}  // namespace ringway::tests
