#include "tools/load/tsc_clock.h"

#include <rte_cycles.h>

#include <chrono>

namespace ringway::load {
namespace {

/// now() never says zero, which stands for "never".
constexpr Nanoseconds kFirst = 1'000'000'000;

}  // namespace

TscClock::TscClock()
    : factor_((std::uint64_t{1'000'000'000} << kShift) / rte_get_tsc_hz()), start_(rte_rdtsc()) {
    const auto unix = std::chrono::system_clock::now().time_since_epoch();
    unix_offset_ = static_cast<Nanoseconds>(std::chrono::nanoseconds(unix).count()) - now();
}

Nanoseconds TscClock::now() const {
    __extension__ using Wide = unsigned __int128;
    return kFirst + static_cast<Nanoseconds>((Wide{rte_rdtsc() - start_} * factor_) >> kShift);
}

}  // namespace ringway::load
