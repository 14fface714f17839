#include "tests/hostile/besieged.h"

#include <fmt/format.h>

namespace ringway::tests {
namespace {

constexpr unsigned kHonestClient = 50;
constexpr std::uint64_t kUnixBase = 1'700'000'000'000'000'000;
/// Failures that are kept: the first tell what is wrong.
constexpr std::size_t kMostFailures = 20;
const dataplane::MacAddress kAttackersMac = {2, 0, 0, 0, 0xee, 1};

}  // namespace

Besieged::Besieged(std::uint64_t seed, Effort wanted)
    : random(seed), effort(wanted), honest_(kHonestClient, bench.a) {
    (void)honest_.join(gateway);
    // What it answers to the address that nobody has must have a way, or it would be a drop of its own.
    for (const char* address_of_attacker : {"10.0.0.77", "10.0.0.78", "fd00::77"}) {
        gateway.neighbour(kWan, address(address_of_attacker),
                          {kAttackersMac, dataplane::NeighbourState::usable});
    }
    bench.network.settle();
    collect();
    call_honestly();
    expect_honest("the handshake");
}

std::uint64_t Besieged::unix_nanoseconds() const {
    // Not const in the network, though it changes nothing.
    return kUnixBase + const_cast<Bench&>(bench).network.clock().now();
}

Bytes Besieged::from_attacker(std::span<const std::uint8_t> message, Family family,
                              std::uint16_t source_port) const {
    return wan_frame(udp_packet({.source = address(family == Family::v4 ? "10.0.0.77" : "fd00::77"),
                                 .destination = gateway.wan(family),
                                 .source_port = source_port,
                                 .destination_port = TestGateway::kListenPort},
                                message));
}

Bytes Besieged::wan_frame(std::span<const std::uint8_t> packet) const {
    return frame(gateway.mac(kWan), kAttackersMac, packet);
}

Bytes Besieged::random_bytes(std::size_t size) {
    Bytes bytes(size);
    random.fill(bytes);
    return bytes;
}

void Besieged::put_under_load() {
    gateway.core().engine().note_queue_depth(TestGateway::kTunnel, gateway.plane().handshakes.capacity(),
                                             bench.network.clock().now());
}

void Besieged::fail(const std::string& what, const std::string& why) {
    if (failures_.size() < kMostFailures) failures_.push_back(what + ": " + why);
}

void Besieged::require(bool holds, const std::string& what) {
    if (!holds) fail(what, "does not hold");
}

void Besieged::run() {
    constexpr int kTurns = 4;  // rx, crypto and tx are one lcore's; a message that it answers needs one more
    for (int i = 0; i < kTurns; ++i)
        (void)gateway.step();
    collect();
}

void Besieged::collect() {
    answers_.clear();
    lan_ = gateway.take_lan();
    host_.clear();
    while (std::optional<Bytes> sent = gateway.take_sent(kWan))
        answers_.push_back(std::move(*sent));
    for (dataplane::HostIndex host = 0; host < 4; ++host) {
        for (Bytes& bytes : gateway.take_host(host))
            host_.push_back(std::move(bytes));
    }
}

void Besieged::expect_all(std::span<const Bytes> frames, const Effect& effect, const std::string& what,
                          PortIndex port) {
    tried_ += frames.size();
    const Picture before = Picture::of(gateway);
    for (const Bytes& each : frames) {
        if (!gateway.receive(port, each)) return fail(what, "the port takes no more");
    }
    run();
    const std::string change = difference(before, Picture::of(gateway), effect);
    if (!change.empty()) fail(what, change);
    if (!gateway.accounts_balance()) fail(what, "the accounts do not balance");
}

void Besieged::expect(const Bytes& frame, const Effect& effect, const std::string& what, PortIndex port) {
    expect_all({&frame, 1}, effect, what, port);
}

void Besieged::expect_drop(const Bytes& frame, DropReason reason, const std::string& what, PortIndex port) {
    expect(frame, {.drop = reason, .dropped = 1}, what, port);
}

void Besieged::expect_drop_of_peer(const Bytes& frame, DropReason reason, const std::string& what) {
    expect(frame, {.drop = reason, .dropped = 1, .authentic = gateway.peer(bench.b)}, what);
}

void Besieged::expect_host(const Bytes& frame, const std::string& what, PortIndex port) {
    expect(frame, {.to_host = 1}, what, port);
    if (host_.size() != 1 || host_[0] != frame) fail(what, "the host got something else");
}

void Besieged::expect_consumed(const Bytes& frame, const std::string& what) {
    expect(frame, {.consumed = 1, .authentic = gateway.peer(bench.b)}, what);
}

void Besieged::expect_forwarded(const Bytes& frame, const Bytes& packet, const std::string& what) {
    expect(frame, {.passed = 1, .authentic = gateway.peer(bench.b)}, what);
    if (lan_ != std::vector<Bytes>{packet}) fail(what, "something else was forwarded");
}

void Besieged::expect_handshake(const Bytes& frame, PeerIndex peer, std::uint64_t answers,
                                const std::string& what) {
    expect(frame, {.consumed = 1, .answers = answers, .authentic = peer, .handshake = true}, what);
}

void Besieged::call_honestly() {
    if (!gateway.receive(kWan, honest_.initiation(unix_nanoseconds()))) return fail("a call", "no room");
    run();
    for (const Bytes& answer : answers_)
        (void)honest_.take(answer);
    if (!honest_.has_session()) fail("an honest client", "it gets no session");
}

void Besieged::expect_honest(const std::string& after) {
    const std::string what = "the honest session after " + after;
    const Bytes out =
        udp_packet({.source = honest_.inside(), .destination = gateway.host(Family::v4)}, random_bytes(40));
    if (!honest_.has_session() || !gateway.receive(kWan, honest_.seal(out))) return fail(what, "it has none");
    run();
    if (lan_ != std::vector<Bytes>{forwarded(out)}) fail(what, "its packet does not arrive");

    const Bytes back =
        udp_packet({.source = gateway.host(Family::v4), .destination = honest_.inside()}, random_bytes(40));
    if (!gateway.receive_from_lan(back)) return fail(what, "no room in the LAN port");
    run();
    bool arrived = false;
    for (const Bytes& sent : answers_) {
        std::optional<Bytes> plain = honest_.take(sent);
        if (!plain || plain->size() < back.size()) continue;
        plain->resize(back.size());  // without its padding
        arrived |= *plain == forwarded(back);
    }
    if (!arrived) fail(what, "it gets no packet");
}

}  // namespace ringway::tests
