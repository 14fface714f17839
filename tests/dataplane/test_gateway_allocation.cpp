// P1: after start-up neither the lcores nor the handshake path allocate.

#include <doctest/doctest.h>
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>

#include "crypto/blake2s.h"
#include "crypto/messages.h"
#include "tests/dataplane/turn_until.h"
#include "tests/support/allocation_count.h"
#include "tests/support/flow.h"
#include "tests/support/test_network.h"

namespace ringway::tests {

using namespace std::chrono_literals;

namespace {

/// Steps both gateways until the wire is quiet, counting allocations in the gateways alone.
std::size_t settle_counting(TestNetwork& network, std::initializer_list<TestGateway*> gateways) {
    std::size_t allocations = 0;
    for (int quiet = 0; quiet < 4;) {
        bool busy = network.move_frames() != 0;
        for (TestGateway* gateway : gateways) {
            const std::size_t before = allocations_of_this_thread();
            busy |= gateway->step();
            allocations += allocations_of_this_thread() - before;
        }
        quiet = busy ? 0 : quiet + 1;
    }
    return allocations;
}

/// Initiations that nobody means: a true one said again, garbage, and garbage under a right mac1, from many
/// addresses.
class BadInitiations {
  public:
    /// `initiation`: the frame of a true one.
    BadInitiations(const TestGateway& to, const TestGateway& from, const Bytes& initiation)
        : to_(to), from_(from) {
        const Bytes packet = packet_of(initiation);
        message_.assign(payload_of(packet).begin(), payload_of(packet).end());
        REQUIRE(message_.size() == sizeof(crypto::MessageInitiation));
        // mac1 needs no secret: BLAKE2s keyed by a hash of the label and the public key.
        crypto::Blake2s hash;
        hash.update({reinterpret_cast<const std::uint8_t*>("mac1----"), 8});
        hash.update(to.public_key().bytes);
        hash.finish(mac1_key_);
    }

    [[nodiscard]] Bytes next() {
        Bytes message = message_;
        const std::uint64_t kind = sent_++ % 3;
        if (kind != 0) random_.fill({message.data() + 4, message.size() - 36});
        if (kind == 2) crypto::blake2s({message.data() + 116, 16}, {message.data(), 116}, mac1_key_);
        const Udp headers{.source = address("10.0.0." + std::to_string(2 + random_.below(200))),
                          .destination = to_.wan(Family::v4),
                          .source_port = TestGateway::kListenPort,
                          .destination_port = TestGateway::kListenPort};
        return frame(to_.mac(TestGateway::kWan), from_.mac(TestGateway::kWan), udp_packet(headers, message));
    }

  private:
    const TestGateway& to_;
    const TestGateway& from_;
    SeededRandom random_{5};
    Bytes message_;
    std::array<std::uint8_t, 32> mac1_key_{};
    std::uint64_t sent_ = 0;
};

/// The first initiation from b to a, which makes a session.
Bytes first_initiation(TestNetwork& network, TestGateway& a, TestGateway& b) {
    Bytes initiation;
    network.set_tap([&](unsigned from, Bytes frame) {
        if (from == b.number() && initiation.empty()) initiation = frame;
        return std::vector<Bytes>{std::move(frame)};
    });
    NumberedFlow flow(b, a, 1);
    REQUIRE(b.receive_from_lan(flow.next()));
    network.settle();
    (void)a.take_lan();
    network.set_tap({});
    return initiation;
}

}  // namespace

TEST_CASE("the counter counts") {
    const std::size_t before = allocations_of_this_thread();
    const auto something = std::make_unique<int>(1);
    CHECK(allocations_of_this_thread() - before == 1);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    void* const page = mmap(nullptr, 1, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(allocations_of_this_thread() - before == 2);
    munmap(page, 1);
#endif
}

TEST_CASE("first handshake, traffic, rekeys, expiry, roaming: nothing allocates") {
    TestNetwork network;
    TestGateway& a = network.add({.number = 1});
    TestGateway& b = network.add({.number = 2});
    TestNetwork::join(a, b, {.preshared_key = true, .persistent_keepalive = 25});
    NumberedFlow there(a, b, 1);
    NumberedFlow back(b, a, 2, Family::v6);
    std::size_t allocations = 0;
    for (int second = 0; second < 1000; ++second) {
        for (int i = 0; i < 10; ++i) {
            REQUIRE(a.receive_from_lan(there.next()));
            REQUIRE(b.receive_from_lan(back.next()));
        }
        network.clock().advance(second % 400 == 399 ? 200s : 1s);
        allocations += settle_counting(network, {&a, &b});
        CHECK(b.take_lan().size() == 10);
        CHECK(a.take_lan().size() == 10);
    }
    CHECK(allocations == 0);
    CHECK(a.core().engine().status(a.peer(b))->last_handshake_unix_ns > 0);
}

TEST_CASE("in-band messages, more than an inbox holds: nothing allocates") {
    TestNetwork network;
    TestGateway& a = network.add({.number = 1});
    TestGateway& b = network.add({.number = 2});
    TestNetwork::join(a, b);
    const Bytes payload = pattern(1000, 1);
    std::size_t allocations = 0;
    for (int i = 0; i < 100; ++i) {
        const std::size_t before = allocations_of_this_thread();
        const bool sent = a.core().send_message(a.peer(b), payload).has_value();
        allocations += allocations_of_this_thread() - before;
        REQUIRE(sent);
        network.clock().advance(1s);
        allocations += settle_counting(network, {&a, &b});
    }
    CHECK(b.core().inbox().count() == control::Inbox::kMaxOfPeer);
    CHECK(network.drop_names().empty());
    CHECK(allocations == 0);
}

TEST_CASE("no session to be had, staging full, abandoned, retried: nothing allocates") {
    TestNetwork network;
    TestGateway& a = network.add({.number = 1});
    TestGateway& b = network.add({.number = 2});
    TestNetwork::join(a, b);
    network.set_tap([](unsigned, const Bytes&) { return std::vector<Bytes>{}; });
    NumberedFlow flow(a, b, 1);
    std::size_t allocations = 0;
    for (int second = 0; second < 300; ++second) {
        for (int i = 0; i < 10; ++i)
            REQUIRE(a.receive_from_lan(flow.next()));
        network.clock().advance(1s);
        allocations += settle_counting(network, {&a});
    }
    CHECK(a.drops(DropReason::staging_full) > 0);
    CHECK(allocations == 0);
}

TEST_CASE("a flood of bad initiations, some of them under load: nothing allocates") {
    TestNetwork network;
    TestGateway& a = network.add({.number = 1, .rx_ring = 4096, .packets = 8192});
    TestGateway& b = network.add({.number = 2});
    TestNetwork::join(a, b);
    BadInitiations flood(a, b, first_initiation(network, a, b));
    std::size_t allocations = 0;
    for (int round = 0; round < 8; ++round) {
        // The later rounds are more than the control side takes at once: it is under load.
        const int messages = round < 4 ? 100 : 1500;
        for (int i = 0; i < messages; ++i)
            REQUIRE(a.receive(TestGateway::kWan, flood.next()));
        network.clock().advance(50ms);
        allocations += settle_counting(network, {&a});
    }
    CHECK(allocations == 0);
    CHECK(a.drops(DropReason::handshake_bad_mac1) > 0);
    CHECK(a.drops(DropReason::handshake_bad_static) > 0);
    CHECK(a.drops(DropReason::handshake_replayed) > 0);
    CHECK(a.drops(DropReason::handshake_cookie_sent) > 0);
    CHECK(network.accounts_balance());
}

TEST_CASE("lcores on threads of their own, under traffic, rekeys and a flood at once: nothing allocates") {
    constexpr std::uint64_t kPackets = 20'000;
    TestNetwork network;
    TestGateway& a = network.add({.number = 1, .lcores = {{.rx = true}, {.crypto = true}, {.tx = true}}});
    TestGateway& b = network.add({.number = 2});
    TestNetwork::join(a, b);
    BadInitiations flood(a, b, first_initiation(network, a, b));
    NumberedFlow there(a, b, 1);
    NumberedFlow back(b, a, 2, Family::v6);
    std::array<std::size_t, 3> of_lcores{};
    std::size_t of_control = 0;
    const auto born = [&] { return a.core().engine().status(a.peer(b))->current->born; };
    const dataplane::Nanoseconds first = born();
    {
        const LcoreThreads threads(
            a, 1,
            {.before = [&](std::size_t lcore) { of_lcores[lcore] = allocations_of_this_thread(); },
             .after =
                 [&](std::size_t lcore) {
                     of_lcores[lcore] = allocations_of_this_thread() - of_lcores[lcore];
                 }});
        const auto turn = [&] {
            for (int i = 0; i < 8; ++i) {
                (void)a.receive_from_lan(there.next());
                (void)b.receive_from_lan(back.next());
                (void)a.receive(TestGateway::kWan, flood.next());
            }
            // Time goes by what arrives, as lcores may get no CPU for a while. But a burst must not take
            // it past the retries of a handshake, nor silence stop it: a session would end for good.
            const std::chrono::nanoseconds of_arrivals = 30ms * b.take_lan().size();
            network.clock().advance(std::clamp<std::chrono::nanoseconds>(of_arrivals, 1ms, 1s));
            (void)network.move_frames();
            (void)b.step();
            (void)a.take_lan();
            const std::size_t before = allocations_of_this_thread();
            (void)a.core().turn();
            of_control += allocations_of_this_thread() - before;
        };
        turn_until(turn, [&] { return a.opened_or_sealed() >= kPackets && born() > first; });
    }
    CHECK(of_lcores[0] == 0);
    CHECK(of_lcores[1] == 0);
    CHECK(of_lcores[2] == 0);
    CHECK(of_control == 0);
    CHECK(a.drops(DropReason::handshake_bad_mac1) > 0);
    CHECK(a.drops(DropReason::handshake_bad_static) + a.drops(DropReason::handshake_cookie_sent) > 0);
}

}  // namespace ringway::tests
