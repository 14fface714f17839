#include "dataplane/routing_domain.h"

namespace ringway::dataplane {

RoutingDomain::RoutingDomain(Reclaimer& reclaimer)
    : routes_(reclaimer), reclaimer_(&reclaimer), next_hops_(kMaxNextHops), users_(kMaxNextHops, 0) {
    for (auto& tunnel : listeners_)
        tunnel.store(kNoTunnel, std::memory_order_relaxed);
    for (std::uint32_t i = kMaxNextHops; i-- > 0;)
        unused_.push_back(i);
}

std::optional<std::uint32_t> RoutingDomain::share_next_hop(const NextHop& hop) {
    if (const auto known = by_value_.find(hop); known != by_value_.end()) {
        ++users_[known->second];
        return known->second;
    }
    if (unused_.empty()) return std::nullopt;
    const std::uint32_t index = unused_.back();
    unused_.pop_back();
    next_hops_[index] = hop;
    users_[index] = 1;
    by_value_.emplace(hop, index);
    return index;
}

void RoutingDomain::release_next_hop(std::uint32_t index) {
    if (--users_[index] != 0) return;
    by_value_.erase(next_hops_[index]);
    // An lcore may still hold a pointer to it: it is used again after a grace period.
    reclaimer_->defer([this, index] { unused_.push_back(index); });
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
