// What is taken away while others use it: peers under traffic, on real threads, and the tables at the
// end.

#include <doctest/doctest.h>
#include <rte_mempool.h>

#include <algorithm>
#include <set>

#include "tests/dataplane/turn_until.h"
#include "tests/support/flow.h"
#include "tests/support/test_network.h"

namespace ringway::tests {

using namespace std::chrono_literals;
using dataplane::LcoreRoles;

namespace {

const std::vector<LcoreRoles> kTwoOfEach{{.rx = true},     {.rx = true}, {.crypto = true},
                                         {.crypto = true}, {.tx = true}, {.tx = true}};

/// How much of everything is in use when a gateway has no peers.
struct InUse {
    explicit InUse(TestGateway& gateway)
        : packets(gateway.packets_in_use()),
          indices(gateway.plane().indices.free_count()),
          peers(gateway.core().free_peers()) {}
    bool operator==(const InUse&) const = default;
    unsigned packets;
    std::size_t indices;
    std::size_t peers;
};

/// A peer that is added and removed again and again, with traffic for it all the while.
class ComingAndGoing {
  public:
    ComingAndGoing(TestGateway& gateway, TestGateway& other) : gateway_(gateway), other_(other) {}

    void change() {
        if (peer_) {
            remove();
        } else if (gateway_.core().free_peers() > 0) {
            peer_ = gateway_.add_peer(other_);
        }
    }
    void remove() {
        if (!peer_) return;
        gateway_.core().remove_peer(*peer_);
        peer_.reset();
        ++removals_;
    }
    [[nodiscard]] int removals() const { return removals_; }

  private:
    TestGateway& gateway_;
    TestGateway& other_;
    std::optional<PeerIndex> peer_;
    int removals_ = 0;
};

/// Every place that has held session keys.
class KeyWatch {
  public:
    void look(TestGateway& gateway) {
        for (const dataplane::Keypair& keypair : gateway.plane().keypairs) {
            if (keypair.keys != nullptr) places_.insert(keypair.keys);
        }
    }
    [[nodiscard]] std::size_t places() const { return places_.size(); }
    [[nodiscard]] bool all_wiped() const { return std::all_of(places_.begin(), places_.end(), is_wiped); }

  private:
    /// The memory stays mapped as long as the gateway lives.
    static bool is_wiped(const crypto::TransportKeys* keys) {
        const auto* bytes = reinterpret_cast<const std::uint8_t*>(keys);
        return std::all_of(bytes, bytes + sizeof(*keys), [](std::uint8_t byte) { return byte == 0; });
    }
    std::set<const crypto::TransportKeys*> places_;
};

}  // namespace

TEST_CASE("peers come and go under traffic: the others lose nothing, and everything comes back") {
    constexpr std::uint64_t kPackets = 30'000;
    constexpr std::uint64_t kAhead = 1'000;
    TestNetwork network;
    TestGateway& a = network.add({.number = 1, .lcores = kTwoOfEach, .rx_queues = 2});
    std::array<TestGateway*, 4> others;
    for (unsigned i = 0; i < others.size(); ++i)
        others[i] = &network.add({.number = 2 + i});
    const InUse before(a);
    // Two that stay, by different tx lcores, and two that do not.
    for (std::size_t i = 0; i < 2; ++i)
        TestNetwork::join(a, *others[i]);
    REQUIRE(a.plane().peers[a.peer(*others[0])].tx != a.plane().peers[a.peer(*others[1])].tx);
    std::vector<ComingAndGoing> guests;
    for (std::size_t i = 2; i < 4; ++i) {
        (void)others[i]->add_peer(a, {.endpoint = std::nullopt});
        guests.emplace_back(a, *others[i]);
    }
    std::vector<NumberedFlow> flows;
    for (TestGateway* other : others)
        flows.emplace_back(a, *other, 1);
    std::uint64_t out_of_order = 0;
    std::uint64_t to_guests = 0;
    KeyWatch keys;
    {
        const LcoreThreads threads(a, 1);
        std::uint64_t turns = 0;
        const auto turn = [&] {
            for (std::uint16_t i = 0; i < 2; ++i) {
                // No further ahead of the other than a session lives: see the time below.
                const std::uint64_t most = std::min(kPackets, flows[1 - i].arrived() + kAhead);
                for (int n = 0; n < 16 && flows[i].sent() < most && flows[i].under_way() < 100; ++n) {
                    if (!a.receive_from_lan(flows[i].next(), i)) flows[i].take_back();
                    (void)a.receive_from_lan(flows[2 + i].next(), i);
                }
            }
            ++turns;
            if (turns % 50 == 0) guests[0].change();
            if (turns % 70 == 0) guests[1].change();
            keys.look(a);
            (void)network.move_frames();
            (void)a.core().turn();
            for (TestGateway* other : others)
                (void)other->step();
            for (std::size_t i = 0; i < 2; ++i) {
                for (const Bytes& packet : others[i]->take_lan()) {
                    network.clock().advance(3ms);
                    out_of_order += flows[i].arrived(packet) ? 0 : 1;
                }
                to_guests += others[2 + i]->take_lan().size();
            }
        };
        turn_until(turn, [&] {
            return flows[0].arrived() + flows[1].arrived() >= 2 * kPackets || out_of_order != 0;
        });
        for (ComingAndGoing& guest : guests)
            guest.remove();
        for (std::size_t i = 0; i < 2; ++i)
            a.core().remove_peer(a.peer(*others[i]));
        turn_until(turn, [&] { return a.core().free_peers() == before.peers; });
    }
    CHECK(out_of_order == 0);
    CHECK(std::min(guests[0].removals(), guests[1].removals()) > 10);
    CHECK(to_guests > 0);
    network.settle();
    CHECK(network.accounts_balance());
    (void)a.take_host(TestGateway::kLan);
    (void)a.take_host(TestGateway::kTunnelHost);
    CHECK(a.plane().in_flight() == 0);
    CHECK(a.plane().bundles_in_use() == 0);
    CHECK(a.plane().waiting.held() == 0);
    CHECK(InUse(a) == before);
    CHECK(keys.places() > 0);
    CHECK(keys.all_wiped());
    for (const dataplane::Keypair& keypair : a.plane().keypairs) {
        CHECK(keypair.keys == nullptr);
        CHECK(keypair.unreferenced());
    }
}

TEST_CASE("what waits for a grace period at the end is freed while the tables are still there") {
    bool freed = false;
    bool tables_were_there = false;
    {
        TestNetwork network;
        TestGateway& a = network.add();
        // The pool of packets goes after the tables and before the reclaimer's own end.
        const std::string pool = a.plane().packets()->name;
        a.plane().reclaimer.defer([&freed, &tables_were_there, pool] {
            freed = true;
            tables_were_there = rte_mempool_lookup(pool.c_str()) != nullptr;
        });
        CHECK_FALSE(freed);
    }
    CHECK(freed);
    CHECK(tables_were_there);
}

}  // namespace ringway::tests
