// The order in which the bundles of one turn close.

#include <doctest/doctest.h>

#include <array>
#include <functional>
#include <vector>

#include "dataplane/open_bundles.h"

namespace ringway::tests {

using dataplane::Bundle;
using dataplane::OpenBundles;

namespace {

/// Opens bundles and notes in which order they close, by number.
struct Bench {
    explicit Bench(OpenBundles::Keys keys) : open(keys) {}

    void open_for(std::uint32_t key) {
        open.make_place(key, close);
        bundles[opened].peer = opened;
        open.open(key, &bundles[opened++]);
    }

    OpenBundles open;
    std::array<Bundle, 300> bundles;
    std::uint32_t opened = 0;
    std::vector<std::uint32_t> closed;
    std::function<void(Bundle*)> close = [this](Bundle* bundle) { closed.push_back(bundle->peer); };
};

using Numbers = std::vector<std::uint32_t>;

}  // namespace

TEST_CASE("a full bundle of a new session closes after the old session's, whose packets came before") {
    Bench t(OpenBundles::Keys::sessions);
    t.open_for(1);
    t.open_for(2);
    t.open_for(2);  // the second is full
    CHECK(t.closed == Numbers{0, 1});
    CHECK(t.open.find(1) == nullptr);
    CHECK(t.open.find(2) == &t.bundles[2]);
    t.open.close_all(t.close);
    CHECK(t.closed == Numbers{0, 1, 2});
}

TEST_CASE("sessions that share a place close in the order of opening") {
    Bench t(OpenBundles::Keys::sessions);
    for (const std::uint32_t key : {7U, 8U, 9U, 8U + 256U})
        t.open_for(key);
    CHECK(t.closed == Numbers{0, 1});
    t.open.close_all(t.close);
    CHECK(t.closed == Numbers{0, 1, 2, 3});
}

TEST_CASE("a full bundle of one peer leaves those of others open") {
    Bench t(OpenBundles::Keys::peers);
    t.open_for(1);
    t.open_for(2);
    t.open_for(2);
    CHECK(t.closed == Numbers{1});
    CHECK(t.open.find(1) == &t.bundles[0]);
    t.open.close_all(t.close);
    CHECK(t.closed == Numbers{1, 0, 2});
}

TEST_CASE("when no more can be remembered all close, oldest first") {
    Bench t(OpenBundles::Keys::peers);
    for (std::uint32_t key = 0; key <= OpenBundles::kMost; ++key)
        t.open_for(key);
    REQUIRE(t.closed.size() == OpenBundles::kMost);
    for (std::uint32_t i = 0; i < OpenBundles::kMost; ++i)
        CHECK(t.closed[i] == i);
    CHECK(t.open.find(OpenBundles::kMost) != nullptr);
}

}  // namespace ringway::tests
