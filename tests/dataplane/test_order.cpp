// Order under real threads: lcores on EAL threads that the kernel preempts as it likes, the test's own
// thread as wire, hosts and control side.

#include <doctest/doctest.h>

#include "tests/dataplane/turn_until.h"
#include "tests/support/flow.h"
#include "tests/support/test_network.h"

namespace ringway::tests {

using namespace std::chrono_literals;
using dataplane::LcoreRoles;

namespace {

const std::vector<LcoreRoles> kTwoCrypto{{.rx = true, .tx = true}, {.crypto = true}, {.crypto = true}};
const std::vector<LcoreRoles> kTwoRx{{.rx = true}, {.rx = true}, {.crypto = true}, {.tx = true}};

}  // namespace

TEST_CASE("one peer, one flow, two crypto lcores at each end: a million packets, none lost or overtaken") {
    constexpr std::uint64_t kPackets = 1'000'000;
    constexpr std::uint64_t kWindow = 768;  // below every queue's limit: back-pressure, no drops
    TestNetwork network;
    TestGateway& a = network.add({.number = 1, .lcores = kTwoCrypto});
    TestGateway& b = network.add({.number = 2, .lcores = kTwoCrypto});
    TestNetwork::join(a, b);
    NumberedFlow flow(a, b, 7);
    std::uint64_t out_of_order = 0;
    {
        const LcoreThreads a_threads(a, 1);
        const LcoreThreads b_threads(b, 4);
        const auto turn = [&] {
            for (int i = 0; i < 64 && flow.sent() < kPackets; ++i) {
                // Until there is a session only what staging holds.
                if (flow.under_way() >= (flow.arrived() == 0 ? 100 : kWindow)) break;
                if (a.receive_from_lan(flow.next())) continue;
                flow.take_back();
                break;
            }
            (void)network.move_frames();
            while (const std::optional<Bytes> sent = b.take_sent(TestGateway::kLan))
                out_of_order += flow.arrived(packet_of(*sent)) ? 0 : 1;
            (void)a.core().turn();
            (void)b.core().turn();
        };
        turn_until(turn, [&] { return flow.arrived() >= kPackets || network.drop_names() != ""; });
    }
    CHECK(network.drop_names().empty());
    CHECK(out_of_order == 0);
    CHECK(flow.arrived() == kPackets);
    network.settle();
    CHECK(network.accounts_balance());
    // Both crypto lcores had a share, or this proves nothing.
    for (TestGateway* gateway : {&a, &b}) {
        CHECK(gateway->lcore(1).counters.aead_packets.get() > 0);
        CHECK(gateway->lcore(2).counters.aead_packets.get() > 0);
    }
}

TEST_CASE("peers come and go under traffic: the others lose nothing, and everything comes back") {
    constexpr std::uint64_t kPackets = 60'000;
    TestNetwork network;
    TestGateway& a = network.add({.number = 1, .lcores = kTwoRx, .rx_queues = 2});
    TestGateway& b = network.add({.number = 2});
    TestGateway& c = network.add({.number = 3});
    (void)c.add_peer(a, {.endpoint = std::nullopt});
    const unsigned packets_before = a.packets_in_use();
    const std::size_t indices_before = a.plane().indices.free_count();
    const std::size_t peers_before = a.core().free_peers();

    TestNetwork::join(a, b);
    const PeerIndex b_at_a = a.peer(b);
    std::array<NumberedFlow, 2> flows{NumberedFlow(a, b, 1), NumberedFlow(a, c, 2)};
    std::uint64_t out_of_order = 0;
    std::uint64_t to_c = 0;
    int removals = 0;
    {
        const LcoreThreads threads(a, 1);
        std::optional<PeerIndex> c_at_a;
        std::uint64_t turns = 0;
        const auto turn = [&] {
            for (int i = 0; i < 16 && flows[0].sent() < kPackets && flows[0].under_way() < 100; ++i) {
                if (!a.receive_from_lan(flows[0].next(), 0)) flows[0].take_back();
                (void)a.receive_from_lan(flows[1].next(), 1);
            }
            if (++turns % 50 == 0) {
                if (c_at_a) {
                    a.core().remove_peer(*c_at_a);
                    c_at_a.reset();
                    ++removals;
                } else if (a.core().free_peers() > 0) {
                    c_at_a = a.add_peer(c);
                }
            }
            (void)network.move_frames();
            (void)a.core().turn();
            (void)b.step();
            (void)c.step();
            for (const Bytes& packet : b.take_lan()) {
                network.clock().advance(3ms);
                out_of_order += flows[0].arrived(packet) ? 0 : 1;
            }
            to_c += c.take_lan().size();
        };
        turn_until(turn, [&] { return flows[0].arrived() >= kPackets || out_of_order != 0; });
        if (c_at_a) a.core().remove_peer(*c_at_a);
        a.core().remove_peer(b_at_a);
        turn_until(turn, [&] { return a.core().free_peers() == peers_before; });
    }
    CHECK(out_of_order == 0);
    CHECK(removals > 10);
    CHECK(to_c > 0);
    network.settle();
    CHECK(network.accounts_balance());
    (void)a.take_host(TestGateway::kLan);
    (void)a.take_host(TestGateway::kTunnelHost);
    CHECK(a.plane().in_flight() == 0);
    CHECK(a.plane().bundles.in_use() == 0);
    CHECK(a.plane().indices.free_count() == indices_before);
    CHECK(a.plane().waiting.held() == 0);
    CHECK(a.packets_in_use() == packets_before);
}

}  // namespace ringway::tests
