#include "dataplane/routing_domain.h"

namespace ringway::dataplane {

std::optional<std::uint32_t> RoutingDomain::share_next_hop(const NextHop& hop) {
    std::optional<std::uint32_t> unused;
    for (std::uint32_t i = 0; i < next_hops_.size(); ++i) {
        if (users_[i] == kRetiring) continue;
        if (users_[i] != 0 && next_hops_[i] == hop) {
            ++users_[i];
            return i;
        }
        if (users_[i] == 0 && !unused) unused = i;
        if (users_[i] == 0 && i >= high_water_) break;
    }
    if (!unused) return std::nullopt;
    high_water_ = std::max(high_water_, *unused + 1);
    next_hops_[*unused] = hop;
    users_[*unused] = 1;
    return unused;
}

void RoutingDomain::release_next_hop(std::uint32_t index) {
    if (--users_[index] != 0) return;
    // An lcore may still hold a pointer to it: it is used again after a grace period.
    users_[index] = kRetiring;
    reclaimer_->defer([this, index] { users_[index] = 0; });
}

bool RoutingDomain::set_route(const IpPrefix& prefix, const NextHop& hop) {
    const std::optional<std::uint32_t> index = share_next_hop(hop);
    if (!index) return false;
    const std::uint32_t old = routes_.insert(prefix, *index);
    if (old != kNoValue) release_next_hop(old);
    return true;
}

void RoutingDomain::remove_route(const IpPrefix& prefix) {
    const std::uint32_t old = routes_.remove(prefix);
    if (old != kNoValue) release_next_hop(old);
}

}  // namespace ringway::dataplane
