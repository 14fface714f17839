#include "tests/hostile/threads.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <random>
#include <thread>

#include "tests/dataplane/turn_until.h"

namespace ringway::tests {
namespace {

constexpr std::uint16_t kQueues = 2;
constexpr std::size_t kThreads = 4;
/// Of one round: far less than the window, so that none falls behind it however late it comes.
constexpr std::uint64_t kCounters = 500;

const std::vector<dataplane::LcoreRoles> kLcores{{.rx = true}, {.rx = true}, {.crypto = true}, {.tx = true}};

/// Gateway a of two with its lcores on threads, and what b has sealed for it.
struct Parties {
    TestNetwork network;
    TestGateway& a = network.add({.number = 1,
                                  .lcores = kLcores,
                                  .rx_queues = kQueues,
                                  .packets = 16'384,
                                  .bundles = 4096,
                                  .queue_limit = 16'384});
    TestGateway& b = network.add({.number = 2});
    bool has_session = false;

    Parties() {
        TestNetwork::join(a, b);
        has_session = a.receive_from_lan(
            udp_packet({.source = a.host(Family::v4), .destination = b.host(Family::v4)}, pattern(20, 1)));
        network.settle();
        has_session = has_session && b.take_lan().size() == 1;
    }

    /// Frames of so many packets from b's LAN to a's, as they lie on the wire.
    std::vector<Bytes> record(std::uint64_t count) {
        std::vector<Bytes> frames;
        for (std::uint64_t i = 0; i < count; ++i) {
            const Udp headers{.source = b.host(Family::v4), .destination = a.host(Family::v4)};
            (void)b.receive_from_lan(udp_packet(headers, pattern(20, static_cast<std::uint8_t>(i))));
            for (int turn = 0; turn < 3; ++turn)
                (void)b.step();
            while (std::optional<Bytes> sent = b.take_sent(TestGateway::kWan))
                frames.push_back(std::move(*sent));
        }
        return frames;
    }
};

/// Each thread sends every frame, in an order of its own, by the queues in turn.
void send_all(TestGateway& gateway, const std::vector<Bytes>& frames, std::uint64_t seed,
              std::atomic<bool>& stop) {
    std::mt19937_64 random(seed);
    std::vector<const Bytes*> order;
    for (const Bytes& frame : frames)
        order.push_back(&frame);
    std::ranges::shuffle(order, random);
    for (const Bytes* frame : order) {
        const auto queue = static_cast<std::uint16_t>(random() % kQueues);
        while (!gateway.receive(TestGateway::kWan, *frame, queue)) {
            if (stop.load()) return;
            std::this_thread::yield();
        }
    }
}

}  // namespace

AttackOutcome replays_from_several_threads(std::uint64_t seed, std::size_t rounds) {
    Parties t;
    if (!t.has_session) return {0, {"no session"}};
    AttackOutcome outcome;
    const auto require = [&](bool holds, const std::string& what) {
        if (!holds) outcome.failures.push_back(what);
    };
    for (std::size_t round = 0; round < rounds && outcome.failures.empty(); ++round) {
        const std::vector<Bytes> frames = t.record(kCounters);
        const std::uint64_t replayed = t.a.drops(DropReason::replayed);
        std::uint64_t delivered = 0;
        {
            const LcoreThreads lcores(t.a, 1);
            std::atomic<bool> stop{false};
            std::vector<std::jthread> senders;
            for (std::size_t i = 0; i < kThreads; ++i) {
                senders.emplace_back([&, i] { send_all(t.a, frames, seed + rounds * i + round, stop); });
            }
            const auto turn = [&] {
                (void)t.a.core().turn();
                delivered += t.a.take_lan().size();
                std::this_thread::yield();
            };
            turn_until(turn, [&] {
                return delivered + t.a.totals().dropped() - replayed >= kThreads * frames.size();
            });
            stop.store(true);
        }
        delivered += t.a.take_lan().size();
        outcome.frames += kThreads * frames.size();
        require(delivered == frames.size(),
                fmt::format("{} of {} packets delivered", delivered, frames.size()));
        require(t.a.drops(DropReason::replayed) - replayed == (kThreads - 1) * frames.size(),
                "each repetition is counted as one");
        require(t.a.drop_names() == fmt::format("replayed={}", t.a.drops(DropReason::replayed)),
                "nothing else is dropped, but " + t.a.drop_names());
        require(t.a.accounts_balance(), "the accounts balance");
    }
    return outcome;
}

}  // namespace ringway::tests
