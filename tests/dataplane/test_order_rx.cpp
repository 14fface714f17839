// Several rx lcores on one peer, under real threads: counters and staged packets keep their order.

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <thread>

#include "dataplane/messages.h"
#include "tests/dataplane/turn_until.h"
#include "tests/support/flow.h"
#include "tests/support/test_network.h"
#include "tests/support/transport.h"

namespace ringway::tests {

using namespace std::chrono_literals;
using dataplane::LcoreRoles;

namespace {

const std::vector<LcoreRoles> kTwoRx{{.rx = true}, {.rx = true}, {.crypto = true}, {.tx = true}};

/// Watches counters on the wire: strictly rising in each session.
class CounterWatch {
  public:
    void look(const Bytes& frame) {
        const std::optional<crypto::MessageTransport> header = transport_header(frame);
        if (!header) return;
        const std::uint64_t counter = header->counter.host();
        const auto [session, fresh] = last_.try_emplace(header->receiver.value.host(), counter);
        if (fresh) return;
        if (counter <= session->second) ++violations_;
        session->second = counter;
    }
    [[nodiscard]] std::uint64_t violations() const { return violations_; }
    [[nodiscard]] std::size_t sessions() const { return last_.size(); }

  private:
    std::map<std::uint32_t, std::uint64_t> last_;
    std::uint64_t violations_ = 0;
};

/// Until every lcore has begun a poll since, and so has read the clock.
void wait_for_polls(TestGateway& gateway) {
    std::vector<std::uint64_t> enough;
    for (const auto& lcore : gateway.plane().lcores)
        enough.push_back(lcore->counters.polls.get() + 2);
    turn_until([] { std::this_thread::yield(); },
               [&] {
                   const auto& lcores = gateway.plane().lcores;
                   return std::equal(lcores.begin(), lcores.end(), enough.begin(),
                                     [](const auto& lcore, std::uint64_t polls) {
                                         return lcore->counters.polls.get() >= polls;
                                     });
               });
}

/// Packets dropped, but for handshake messages, some of which cross.
std::uint64_t data_drops(const TestGateway& gateway) {
    const auto drops = gateway.totals().drops;
    return std::accumulate(drops.begin(), drops.begin() + static_cast<int>(DropReason::handshake_bad_length),
                           std::uint64_t{0});
}

}  // namespace

TEST_CASE("two rx lcores and keepalives on one peer: counters on the wire strictly rise, rekeys and all") {
    constexpr std::uint64_t kPackets = 100'000;
    constexpr std::uint32_t kKeepalives = 200;
    // Time goes by what arrives. While one rx lcore is preempted with packets of a session in hand,
    // the other may not go on until that session has expired.
    constexpr std::uint64_t kAhead = 1'000;
    TestNetwork network;
    TestGateway& a = network.add({.number = 1, .lcores = kTwoRx, .rx_queues = 2});
    TestGateway& b = network.add({.number = 2});
    TestNetwork::join(a, b);
    std::array<NumberedFlow, 2> flows{NumberedFlow(a, b, 1), NumberedFlow(a, b, 2, Family::v6)};
    CounterWatch watch;
    network.set_tap([&](unsigned from, Bytes frame) {
        if (from == 1) watch.look(frame);
        return std::vector<Bytes>{std::move(frame)};
    });
    const PeerIndex peer = a.peer(b);
    const dataplane::Peer& a_peer = a.plane().peers[peer];
    std::uint64_t out_of_order = 0;
    std::uint64_t keepalives = 0;
    {
        const LcoreThreads threads(a, 1);
        const auto turn = [&] {
            for (std::uint16_t queue = 0; queue < 2; ++queue) {
                NumberedFlow& flow = flows[queue];
                const NumberedFlow& other = flows[1 - queue];
                for (int i = 0; i < 16 && flow.sent() < kPackets; ++i) {
                    const bool ahead = flow.sent() > other.arrived() + kAhead;
                    if (flow.under_way() >= 50 || ahead) break;
                    if (a.receive_from_lan(flow.next(), queue)) continue;
                    flow.take_back();
                    break;
                }
            }
            // What Core asks for when a keepalive is due, far more often; but no more than the peer's
            // queue and the bundles leave room for, whoever is preempted.
            if (flows[0].arrived() != 0 && a_peer.outbound.depth() < kKeepalives) {
                dataplane::RxStage& home = *a.plane().rx_lcore(a_peer.home).rx;
                const dataplane::Request keepalive{dataplane::Request::Kind::keepalive, peer,
                                                   dataplane::kNoKeypair};
                if (home.requests.size() < 2 && home.requests.push(keepalive)) ++keepalives;
            }
            network.clock().advance(1us);  // enough for a handshake to be tried again
            (void)network.move_frames();
            (void)a.core().turn();
            (void)b.step();
            for (const Bytes& packet : b.take_lan()) {
                network.clock().advance(3ms);
                NumberedFlow& flow = flows[0].owns(packet) ? flows[0] : flows[1];
                out_of_order += flow.arrived(packet) ? 0 : 1;
            }
        };
        turn_until(turn, [&] {
            return flows[0].arrived() + flows[1].arrived() >= 2 * kPackets || out_of_order != 0 ||
                   data_drops(a) + data_drops(b) != 0;
        });
    }
    CHECK(out_of_order == 0);
    CHECK(watch.violations() == 0);
    CHECK(watch.sessions() > 3);
    CHECK(keepalives > 1000);
    CHECK(data_drops(a) == 0);
    CHECK(data_drops(b) == 0);
    network.settle();
    CHECK(network.accounts_balance());
}

TEST_CASE("packets staged by several rx lcores leave before later ones, session after session") {
    constexpr int kRounds = 60;
    TestNetwork network;
    TestGateway& a = network.add({.number = 1, .lcores = kTwoRx, .rx_queues = 2});
    TestGateway& b = network.add({.number = 2});
    TestNetwork::join(a, b);
    std::array<NumberedFlow, 2> flows{NumberedFlow(a, b, 1), NumberedFlow(a, b, 2)};
    std::uint64_t out_of_order = 0;
    {
        const LcoreThreads threads(a, 1);
        for (int round = 0; round < kRounds && data_drops(a) + data_drops(b) == 0; ++round) {
            // Every second round on an expired session, the others on none at all for a start.
            network.clock().advance(round % 2 == 0 ? 181s : 600s);
            // An lcore in the middle of a poll would seal by the time before.
            wait_for_polls(a);
            std::array<int, 2> left{60, 60};
            const auto turn = [&] {
                for (std::uint16_t queue = 0; queue < 2; ++queue) {
                    for (int i = 0; i < 5 && left[queue] > 0; ++i, --left[queue])
                        REQUIRE(a.receive_from_lan(flows[queue].next(), queue));
                }
                (void)network.move_frames();
                (void)a.core().turn();
                (void)b.step();
                for (const Bytes& packet : b.take_lan()) {
                    NumberedFlow& flow = flows[0].owns(packet) ? flows[0] : flows[1];
                    out_of_order += flow.arrived(packet) ? 0 : 1;
                }
            };
            turn_until(turn, [&] {
                const bool all_sent = left[0] == 0 && left[1] == 0;
                const std::uint64_t missing = flows[0].under_way() + flows[1].under_way();
                return (all_sent && missing == 0) || data_drops(a) + data_drops(b) != 0;
            });
        }
    }
    CHECK(out_of_order == 0);
    CHECK(data_drops(a) == 0);
    CHECK(data_drops(b) == 0);
    network.settle();
    CHECK(network.accounts_balance());
}

}  // namespace ringway::tests
