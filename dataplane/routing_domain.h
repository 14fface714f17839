#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "dataplane/next_hop.h"
#include "dataplane/prefix_table.h"

namespace ringway::dataplane {

using DomainIndex = std::uint8_t;

/// One network namespace as the mirror sees it: its routes (our own addresses among them, as
/// local routes) and the UDP ports that our tunnels listen on in it. Written by the control side,
/// read by lcores under RCU.
class RoutingDomain {
  public:
    static constexpr std::size_t kMaxNextHops = 4096;

    explicit RoutingDomain(Reclaimer& reclaimer);

    // --- lcores ---

    /// The next hop of the longest matching route, or null.
    [[nodiscard]] const NextHop* lookup(Family family, const std::uint8_t* destination) const {
        const std::uint32_t index = routes_.lookup(family, destination);
        return index == kNoValue ? nullptr : &next_hops_[index];
    }
    [[nodiscard]] const NextHop* lookup(const IpAddress& destination) const {
        return lookup(destination.family, destination.bytes.data());
    }
    [[nodiscard]] bool is_local(Family family, const std::uint8_t* address) const {
        const NextHop* hop = lookup(family, address);
        return hop != nullptr && hop->kind == NextHop::Kind::local;
    }
    /// The tunnel that listens on a UDP port, or kNoTunnel.
    [[nodiscard]] TunnelIndex listener(std::uint16_t udp_port) const {
        return listeners_[udp_port].load(std::memory_order_acquire);
    }

    // --- the control side ---

    /// False when all next hops are in use.
    [[nodiscard]] bool set_route(const IpPrefix& prefix, const NextHop& hop);
    void remove_route(const IpPrefix& prefix);
    /// Publishes the tunnel: what was written to it before is seen by who finds it here.
    void set_listener(std::uint16_t udp_port, TunnelIndex tunnel) {
        listeners_[udp_port].store(tunnel, std::memory_order_release);
    }

  private:
    [[nodiscard]] std::optional<std::uint32_t> share_next_hop(const NextHop& hop);
    void release_next_hop(std::uint32_t index);

    PrefixTable routes_;
    Reclaimer* reclaimer_;
    std::vector<NextHop> next_hops_;  ///< an entry changes only when no route has named it for a grace period
    // The control side's: routes that name each entry, the entries in use by value, and the unused ones.
    std::vector<std::uint32_t> users_;
    std::unordered_map<NextHop, std::uint32_t, NextHopHash> by_value_;
    std::vector<std::uint32_t> unused_;
    std::array<std::atomic<TunnelIndex>, 65536> listeners_;
};

}  // namespace ringway::dataplane
