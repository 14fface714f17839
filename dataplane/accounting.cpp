#include "dataplane/accounting.h"

#include <numeric>

namespace ringway::dataplane {

void Totals::add(const Counters& counters) {
    in += counters.in.get();
    from_host += counters.from_host.get();
    made_here += counters.made_here.get();
    out += counters.out.get();
    to_host += counters.to_host.get();
    consumed += counters.consumed.get();
    for (std::size_t i = 0; i < kDropReasons; ++i)
        drops[i] += counters.drops[i].get();
}

std::uint64_t Totals::dropped() const {
    return std::accumulate(drops.begin(), drops.end(), std::uint64_t{0});
}

}  // namespace ringway::dataplane
