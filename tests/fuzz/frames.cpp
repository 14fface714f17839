// Any frame, on either port, of a gateway that has a session: the first byte chooses the port.

#include "tests/fuzz/frames.h"

#include <algorithm>

namespace ringway::tests {
namespace {

constexpr std::size_t kMaxFrame = 1600;

}  // namespace

void feed_frame(SessionBench& bench, Input input) {
    if (input.empty()) return;
    bench.receive(input[0] & 1U, input.subspan(1, std::min(input.size() - 1, kMaxFrame)));
    bench.run_a();
    bench.settle_accounts();
}

void fuzz_frames(Input input) {
    feed_frame(kept_bench(), input);
}

}  // namespace ringway::tests
