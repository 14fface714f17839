// The order in which the bundles of one turn leave.

#include <doctest/doctest.h>

#include <array>
#include <vector>

#include "dataplane/open_bundles.h"

namespace ringway::tests {

using dataplane::Bundle;
using dataplane::OpenBundles;

namespace {

/// Opens bundles and tells in which order they leave, by number.
struct Bench {
    void open_for(std::uint32_t key) {
        bundles[opened].peer = opened;
        open.open(key, &bundles[opened++]);
    }
    std::vector<std::uint32_t> take_all() {
        std::vector<std::uint32_t> numbers;
        for (const Bundle* bundle : open.take_all())
            numbers.push_back(bundle->peer);
        return numbers;
    }

    OpenBundles open;
    std::array<Bundle, OpenBundles::kMost + 1> bundles;
    std::uint32_t opened = 0;
};

using Numbers = std::vector<std::uint32_t>;

}  // namespace

TEST_CASE("bundles leave in the order of opening: a new session's after the old one's") {
    Bench t;
    t.open_for(1);
    t.open_for(2);
    t.open_for(2);  // the one before is full
    t.open_for(3);
    CHECK(t.open.find(1) == &t.bundles[0]);
    CHECK(t.open.find(2) == &t.bundles[2]);
    CHECK(t.take_all() == Numbers{0, 1, 2, 3});
}

TEST_CASE("keys that share a place leave in the order of opening, and the last is the one that is found") {
    Bench t;
    for (const std::uint32_t key : {7U, 8U, 9U, 8U + 512U})
        t.open_for(key);
    CHECK(t.open.find(8) == nullptr);
    CHECK(t.open.find(8 + 512) == &t.bundles[3]);
    CHECK(t.open.find(7) == &t.bundles[0]);
    CHECK(t.take_all() == Numbers{0, 1, 2, 3});
}

TEST_CASE("what was taken out is found no more, whoever had its place") {
    Bench t;
    for (const std::uint32_t key : {7U, 7U + 512U, 7U})
        t.open_for(key);
    (void)t.take_all();
    CHECK(t.open.find(7) == nullptr);
    CHECK(t.open.find(7 + 512) == nullptr);
    CHECK(t.take_all().empty());
    t.open_for(7);
    CHECK(t.open.find(7) == &t.bundles[3]);
}

TEST_CASE("as many are open at a time as a turn has packets") {
    Bench t;
    for (std::uint32_t key = 0; key < OpenBundles::kMost; ++key) {
        REQUIRE_FALSE(t.open.full());
        t.open_for(key);
    }
    CHECK(t.open.full());
    CHECK(t.open.find(0) == &t.bundles[0]);
    CHECK(t.take_all().size() == OpenBundles::kMost);
    CHECK_FALSE(t.open.full());
}

}  // namespace ringway::tests
