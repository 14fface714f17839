// bench-stalls SECONDS: how much of its time a thread that only reads the clock does not run, in per cent,
// and the longest stall in microseconds. Nothing on this CPU can have latencies that do not know of them: a
// gateway at half load is behind for twice as long as it stood still.

#include <chrono>
#include <cstdio>
#include <cstdlib>

namespace {

using Clock = std::chrono::steady_clock;
using Microseconds = std::chrono::duration<double, std::micro>;

/// Reading the clock takes far less, an interrupt that is only counted takes less, too.
constexpr Microseconds kStall{10};

struct Stalls {
    Microseconds all{0};
    Microseconds longest{0};
};

Stalls watch(std::chrono::duration<double> how_long) {
    Stalls stalls;
    const auto began = Clock::now();
    for (auto before = began; before - began < how_long;) {
        const auto now = Clock::now();
        const Microseconds gap = now - before;
        before = now;
        if (gap < kStall) continue;
        stalls.all += gap;
        if (gap > stalls.longest) stalls.longest = gap;
    }
    return stalls;
}

}  // namespace

int main(int argc, char** argv) {
    const double seconds = argc == 2 ? std::strtod(argv[1], nullptr) : 0;
    if (!(seconds > 0 && seconds <= 3600)) {
        (void)std::fputs("usage: bench-stalls SECONDS\n", stderr);
        return 2;
    }
    const Stalls stalls = watch(std::chrono::duration<double>(seconds));
    std::printf("%.3f %.0f\n", 100 * stalls.all / std::chrono::duration<double>(seconds),
                stalls.longest.count());
    return 0;
}
