#include "control/console/ranking.h"

#include <doctest/doctest.h>

#include <random>

namespace ringway::control::console {
namespace {

std::optional<dataplane::Endpoint> endpoint(std::uint8_t last, std::uint16_t port) {
    return dataplane::Endpoint{.remote = {.family = dataplane::Family::v4, .bytes = {192, 0, 2, last}},
                               .remote_port = port};
}

}  // namespace

TEST_CASE("the first of many are those that sorting all would give") {
    std::mt19937 random(1);
    for (const bool reverse : {false, true}) {
        std::vector<PeerRow> all;
        Ranking ranking(30, reverse);
        for (int i = 0; i < 2000; ++i) {
            PeerRow row = row_by_number(random() % 50);
            row.tunnel = static_cast<std::uint16_t>(random() % 3);
            row.key.bytes[0] = static_cast<std::uint8_t>(random());
            row.key.bytes[1] = static_cast<std::uint8_t>(random());
            all.push_back(row);
            ranking.add(row);
        }
        std::sort(all.begin(), all.end());
        if (reverse) std::reverse(all.begin(), all.end());
        const std::vector<PeerRow> page = ranking.take(10);
        REQUIRE(page.size() == 20);
        for (std::size_t i = 0; i < page.size(); ++i)
            CHECK(page[i] == all[i + 10]);
    }
}

TEST_CASE("a ranking of nothing keeps nothing, and none goes past its end") {
    Ranking none(0, false);
    none.add(row_by_number(1));
    CHECK(none.take(0).empty());
    Ranking few(10, false);
    few.add(row_by_number(1));
    CHECK(few.take(5).empty());
}

TEST_CASE("endpoints are in the order of their addresses and ports, peers without one behind") {
    const std::vector<PeerRow> rows = {row_by_endpoint(endpoint(9, 50)), row_by_endpoint(endpoint(9, 1000)),
                                       row_by_endpoint(endpoint(10, 1)), row_by_endpoint(endpoint(200, 1)),
                                       row_by_endpoint(std::nullopt)};
    CHECK(std::is_sorted(rows.begin(), rows.end()));
}

TEST_CASE("names are in their order, peers without one behind") {
    const std::vector<PeerRow> rows = {row_by_name("alice"), row_by_name("bob"), row_by_name("")};
    CHECK(std::is_sorted(rows.begin(), rows.end()));
}

TEST_CASE("every order has a name") {
    CHECK(peer_orders().size() == static_cast<std::size_t>(PeerOrder::drops) + 1);
    CHECK(peer_order("key") == PeerOrder::key);
    CHECK(peer_order("drops") == PeerOrder::drops);
}

}  // namespace ringway::control::console
