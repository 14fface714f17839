#include "dataplane/clock.h"

#include <ctime>

namespace ringway::dataplane {

Nanoseconds MonotonicClock::now() const {
    timespec t{};
    clock_gettime(CLOCK_MONOTONIC, &t);
    return static_cast<Nanoseconds>(t.tv_sec) * 1'000'000'000U + static_cast<Nanoseconds>(t.tv_nsec);
}

}  // namespace ringway::dataplane
