// Patterns that were real bugs elsewhere and are no packet's doing. Others have their tests where their
// subject is: `grep -r pattern: tests`.

#include <doctest/doctest.h>

#include <set>

#include "tests/support/test_network.h"

namespace ringway::tests {

TEST_CASE("pattern: a listing resumes after its element was removed: who stays is on one page") {
    constexpr std::size_t kPeers = 40;
    constexpr std::size_t kPage = 7;
    TestNetwork network;
    TestGateway& gateway = network.add({.number = 1, .max_peers = kPeers});
    SeededRandom random(1);
    std::set<PeerIndex> staying;
    for (std::size_t i = 0; i < kPeers; ++i) {
        control::PeerSpec spec;
        random.fill(spec.public_key.bytes);
        staying.insert(gateway.core().add_peer(TestGateway::kTunnel, std::move(spec)).value());
    }
    std::multiset<PeerIndex> listed;
    std::optional<crypto::PublicKey> cursor;
    for (;;) {
        const auto page = gateway.core().peers_after(TestGateway::kTunnel, cursor, kPage);
        if (page.empty()) break;
        listed.insert(page.begin(), page.end());
        cursor = gateway.core().peer(page.back())->public_key;
        // The one that the next page begins behind, and the one before it.
        for (std::size_t i = page.size() - std::min<std::size_t>(2, page.size()); i < page.size(); ++i) {
            gateway.core().remove_peer(page[i]);
            staying.erase(page[i]);
        }
        network.settle();
    }
    for (const PeerIndex peer : staying)
        CHECK(listed.count(peer) == 1);
    CHECK(listed.size() == kPeers);
    CHECK(staying.size() + 2 * ((kPeers + kPage - 1) / kPage) == kPeers);
}

}  // namespace ringway::tests
