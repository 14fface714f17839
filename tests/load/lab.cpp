#include "tests/load/lab.h"

#include <cstring>
#include <stdexcept>
#include <utility>

#include "dataplane/packet.h"
#include "tools/load/test_keys.h"

namespace ringway::tests {
namespace {

constexpr std::chrono::nanoseconds kTurn = std::chrono::microseconds(5);
constexpr std::uint64_t kUnixSecond = 1'700'000'000;
constexpr dataplane::MacAddress kCipherMac{2, 0, 0, 0, 0xbb, 1};

load::LoadOptions load_options(const Lab::Options& options, const TestGateway& gateway,
                               const std::string& cipher, const std::string& plain) {
    load::LoadOptions load;
    load.cipher.device = cipher;
    load.cipher.own = {address(options.outer == Family::v4 ? "10.0.0.99" : "fd00::99"), 24};
    load.cipher.next_hop = gateway.wan(options.outer);
    load.cipher.next_hop_mac = gateway.mac(TestGateway::kWan);
    load.plain.device = plain;
    load.plain.own = {gateway.host(options.inner), 24};
    load.plain.next_hop = gateway.lan(options.inner);
    load.plain.next_hop_mac = gateway.mac(TestGateway::kLan);
    load.gateway = gateway.wan(options.outer);
    load.gateway_port = TestGateway::kListenPort;
    load.gateway_key = gateway.public_key();
    load.peers.count = options.peers;
    load.peers.first_outer = address(options.outer == Family::v4 ? "10.0.0.100" : "fd00::100");
    load.peers.first_inner = address(options.inner == Family::v4 ? "10.200.0.1" : "fd00:c8::1");
    load.preshared_keys = options.preshared_keys;
    load.initiates = options.initiates;
    load.bare = options.bare;
    if (options.bare) load.cipher.next_hop_mac = load.plain.next_hop_mac = std::nullopt;
    load.host = gateway.host(options.inner);
    load.flows_per_peer = options.flows_per_peer;
    load.sizes = load::SizeMix::parse(options.sizes).value();
    load.check_every = options.check_every;
    load.stock_bytes = options.stock_bytes;
    return load;
}

}  // namespace

Lab::Lab(const Options& options)
    : options_(options),
      gateway_(clock_, {.max_peers = 16}),
      cipher_("load-cipher", {.mac = kCipherMac}),
      plain_("load-plain", {.mac = gateway_.host_mac(), .tx_ring = options.tx_ring}),
      frames_(load::make_pool("lab", 2047, 1500)),
      fate_([](Wire, Bytes&) { return Fate::pass; }) {
    gateway_.detach();
    gateway_.attach();
    const load::LoadOptions wanted = load_options(options, gateway_, cipher_.name(), plain_.name());
    load_ = std::make_unique<load::Load>(wanted, *this, random_, kUnixSecond * 1'000'000'000);
    const std::string whole = options.inner == Family::v4 ? "/32" : "/128";
    for (std::uint32_t i = 0; i < options.peers; ++i) {
        control::PeerSpec spec;
        spec.public_key = crypto::LocalIdentity::from(load::peer_private_key(wanted.seed, i)).public_key;
        if (options.preshared_keys) spec.preshared_key = load::peer_preshared_key(wanted.seed, i);
        if (!options.initiates)
            spec.endpoint =
                dataplane::Endpoint{.remote = wanted.peers.outer(i), .remote_port = wanted.peers.port(i)};
        const auto peer = gateway_.core().add_peer(TestGateway::kTunnel, std::move(spec));
        if (!peer) throw std::runtime_error("no room for the peer");
        const std::string inner = wanted.peers.inner(i).to_string() + whole;
        gateway_.core().add_allowed_ip(*peer, prefix(inner));
        gateway_.route(inner, {.kind = dataplane::NextHop::Kind::tunnel, .tunnel = TestGateway::kTunnel});
        gateway_.neighbour(TestGateway::kWan, wanted.peers.outer(i),
                           {kCipherMac, dataplane::NeighbourState::usable});
    }
}

Lab::~Lab() {
    load_.reset();
}

dataplane::Nanoseconds Lab::now() const {
    // The load only looks at its clock; that the world turns then is the laboratory's own business.
    auto& self = const_cast<Lab&>(*this);
    if (!turning_ && load_) self.turn();
    return clock_.now();
}

void Lab::turn() {
    turning_ = true;
    const std::size_t allocated = count_allocations_();
    clock_.advance(kTurn);
    carry_sent(Wire::to_wan, cipher_);
    carry_sent(Wire::to_lan, plain_);
    gateway_.step();
    while (auto sent = gateway_.take_sent(TestGateway::kWan))
        carry(Wire::from_wan, std::move(*sent));
    while (auto sent = gateway_.take_sent(TestGateway::kLan))
        carry(Wire::from_lan, std::move(*sent));
    allocations_ += count_allocations_() - allocated;
    turning_ = false;
}

void Lab::carry_sent(Wire wire, RingDevice& device) {
    while (rte_mbuf* sent = device.take_sent(0)) {
        Bytes frame(dataplane::data(sent), dataplane::data(sent) + sent->data_len);
        rte_pktmbuf_free(sent);
        carry(wire, std::move(frame));
    }
}

void Lab::carry(Wire wire, Bytes frame) {
    const Fate fate = fate_(wire, frame);
    Bytes& held = held_[static_cast<std::size_t>(wire)];
    if (fate == Fate::drop) return;
    if (fate == Fate::late && held.empty()) {
        held = std::move(frame);
        return;
    }
    deliver(wire, frame);
    if (fate == Fate::twice) deliver(wire, frame);
    if (!held.empty()) deliver(wire, std::exchange(held, {}));
}

void Lab::deliver(Wire wire, const Bytes& frame) {
    if (options_.bare && wire == Wire::to_lan) return deliver(Wire::from_wan, frame);
    if (wire == Wire::to_wan || wire == Wire::to_lan) {
        (void)gateway_.receive(wire == Wire::to_wan ? TestGateway::kWan : TestGateway::kLan, frame);
        return;
    }
    rte_mbuf* packet = rte_pktmbuf_alloc(frames_.get());
    if (packet == nullptr) throw std::runtime_error("the laboratory has no packets left");
    std::memcpy(rte_pktmbuf_append(packet, static_cast<std::uint16_t>(frame.size())), frame.data(),
                frame.size());
    if (!(wire == Wire::from_wan ? cipher_ : plain_).receive(packet)) rte_pktmbuf_free(packet);
}

bool Lab::connect() {
    constexpr int kTries = 4000;
    for (int i = 0; i < kTries; ++i) {
        if (load_->missing().empty()) return true;
        if (i % 100 == 0) load_->ask();
        (void)load_->poll();
    }
    return false;
}

void Lab::run(std::chrono::nanoseconds time) {
    const dataplane::Nanoseconds end = clock_.now() + static_cast<dataplane::Nanoseconds>(time.count());
    while (load_->poll() < end) {
    }
}

std::map<load::Direction, load::DirectionResult> Lab::trial(const std::vector<load::Direction>& directions,
                                                            double rate, std::uint32_t outstanding,
                                                            std::chrono::nanoseconds duration) {
    const load::TrialPlan plan{.directions = directions,
                               .rate = rate,
                               .outstanding = outstanding,
                               .duration = static_cast<dataplane::Nanoseconds>(duration.count())};
    return load::run_trial(*load_, plan, [] { return false; }).directions;
}

}  // namespace ringway::tests
