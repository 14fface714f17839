// Does a branch or an address of the ladder depend on a key? To be run by valgrind: the keys are marked as
// undefined, and memcheck tells of every jump and every address that is made of undefined bytes.
// With --branch it makes such a jump, so that one can see that memcheck would tell.

#include <valgrind/memcheck.h>

#include <array>
#include <cstdio>
#include <string_view>

#include "tests/crypto/one_lane.h"

using namespace ringway;

int main(int argc, char** argv) {
    if (RUNNING_ON_VALGRIND == 0) return 77;
    constexpr std::size_t kJobs = 3;
    std::array<std::array<std::uint8_t, 32>, kJobs> scalars{}, points{}, results{};
    std::array<crypto::X25519Lane, kJobs> lanes;
    for (std::size_t i = 0; i < kJobs; ++i) {
        scalars[i].fill(static_cast<std::uint8_t>(i + 0x51));
        points[i].fill(static_cast<std::uint8_t>(i));  // the first of low order
        lanes[i] = {scalars[i].data(), points[i].data(), results[i].data()};
    }
    (void)VALGRIND_MAKE_MEM_UNDEFINED(scalars.data(), sizeof(scalars));
    (void)VALGRIND_MAKE_MEM_UNDEFINED(points.data(), sizeof(points));

    crypto::LadderWork<tests::OneLane> work;
    crypto::x25519_in_lanes(work, lanes.data(), lanes.size());

    if (argc > 1 && std::string_view(argv[1]) == "--branch" && results[1][0] == 0) std::puts("zero");
    // Something did come of the keys: a result of theirs is as undefined as they are.
    std::uint8_t undefined_bits = 0;
    (void)VALGRIND_GET_VBITS(results[1].data(), &undefined_bits, 1);
    return undefined_bits == 0xff ? 0 : 1;
}
