#pragma once

#include "tests/fuzz/session_bench.h"
#include "tests/fuzz/targets.h"

namespace ringway::tests {

/// fuzz_frames() on a bench of the caller's.
void feed_frame(SessionBench& bench, Input input);

}  // namespace ringway::tests
