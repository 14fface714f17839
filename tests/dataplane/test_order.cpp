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

}  // namespace

TEST_CASE("one peer, one flow, two crypto lcores at each end: a million packets, none lost or overtaken") {
    constexpr std::uint64_t kPackets = 1'000'000;
    constexpr std::uint64_t kWindow = 768;  // below every queue's limit: back-pressure, no drops
    constexpr std::size_t kBundles = 1024;  // enough though each packet had one of its own
    TestNetwork network;
    TestGateway& a = network.add({.number = 1, .lcores = kTwoCrypto, .bundles = kBundles});
    TestGateway& b = network.add({.number = 2, .lcores = kTwoCrypto, .bundles = kBundles});
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
        turn_until(turn, [&] { return flow.arrived() >= kPackets || !network.drop_names().empty(); });
    }
    CHECK(network.drop_names() == "");
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

}  // namespace ringway::tests
