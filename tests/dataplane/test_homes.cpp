// Whose packets are whose lcore's.

#include <doctest/doctest.h>

#include <array>

#include "tests/support/flow.h"
#include "tests/support/test_network.h"

namespace ringway::tests {

TEST_CASE("a peer's packets leave by its own tx lcore, both ways") {
    constexpr std::size_t kPackets = 100;
    TestNetwork network;
    TestGateway& a =
        network.add({.number = 1, .lcores = {{.rx = true, .crypto = true}, {.tx = true}, {.tx = true}}});
    const std::array<TestGateway*, 2> others{&network.add({.number = 2}), &network.add({.number = 3})};
    for (TestGateway* other : others) {
        TestNetwork::join(a, *other);
        NumberedFlow first(a, *other, 1);
        REQUIRE(a.receive_from_lan(first.next()));
        network.settle();
        REQUIRE(other->take_lan().size() == 1);
    }
    REQUIRE(a.plane().peers[a.peer(*others[0])].tx != a.plane().peers[a.peer(*others[1])].tx);
    const auto sent_by = [&](std::size_t tx) { return a.plane().tx_lcore(tx).counters.out.get(); };

    for (TestGateway* other : others) {
        const std::size_t own = a.plane().peers[a.peer(*other)].tx;
        NumberedFlow there(a, *other, 2);
        NumberedFlow back(*other, a, 3, Family::v6);
        for (const bool outbound : {true, false}) {
            CAPTURE(outbound);
            const std::array<std::uint64_t, 2> before{sent_by(0), sent_by(1)};
            for (std::size_t i = 0; i < kPackets; ++i)
                REQUIRE((outbound ? a.receive_from_lan(there.next()) : other->receive_from_lan(back.next())));
            network.settle();
            CHECK((outbound ? other->take_lan() : a.take_lan()).size() == kPackets);
            CHECK(sent_by(own) - before[own] == kPackets);
            CHECK(sent_by(1 - own) == before[1 - own]);
        }
    }
}

}  // namespace ringway::tests
