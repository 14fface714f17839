#include "dataplane/sparse_time.h"

#include <doctest/doctest.h>

namespace ringway::dataplane {

TEST_CASE("sparse time is read anew after sixteen packets, however they come") {
    std::uint64_t tsc = 100;
    const auto read = [&] { return tsc; };
    SparseTime time;
    time.set(50);
    for (int packet = 1; packet < 16; ++packet)
        CHECK(time.after(1, read) == 50);
    CHECK(time.after(1, read) == 100);
    tsc = 200;
    CHECK(time.after(15, read) == 100);
    CHECK(time.after(64, read) == 200);
    time.set(300);
    CHECK(time.after(15, read) == 300);
}

}  // namespace ringway::dataplane
