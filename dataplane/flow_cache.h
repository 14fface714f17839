#pragma once

#include <rte_prefetch.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#include "dataplane/bundle.h"
#include "dataplane/clock.h"
#include "dataplane/endpoint.h"
#include "dataplane/headers.h"
#include "dataplane/huge_pages.h"
#include "dataplane/ip_view.h"
#include "dataplane/next_hop.h"

namespace ringway::dataplane {

/// A packet's source and destination, and the side of the gateway on which it entered: the same addresses
/// mean different things on each.
struct FlowKey {
    std::array<std::uint64_t, 4> addresses;  ///< source and destination as they lie in the header
    std::uint16_t side;                      ///< port or tunnel, and the family

    /// Of a packet that came in by a port. (Written where it is wanted, as an IpView is.)
    void set_from_port(PortIndex port, const IpView& ip) { set(ip, port); }
    /// Of a packet that came out of a tunnel.
    void set_from_tunnel(TunnelIndex tunnel, const IpView& ip) {
        set(ip, static_cast<std::uint16_t>(tunnel | kTunnel));
    }

  private:
    static constexpr std::uint16_t kTunnel = 0x8000;
    static constexpr std::uint16_t kIpv6 = 0x4000;

    /// In both headers the destination follows the source.
    void set(const IpView& ip, std::uint16_t entrance) {
        if (ip.family == Family::v4) {
            std::uint64_t both = 0;
            std::memcpy(&both, ip.source, sizeof(both));
            addresses = {both, 0, 0, 0};
            side = entrance;
        } else {
            std::memcpy(addresses.data(), ip.source, sizeof(addresses));
            side = entrance | kIpv6;
        }
    }
};

/// What the tables said about a flow: whose it is, and where it leaves.
struct alignas(64) Flow {
    static constexpr std::uint64_t kNever = ~std::uint64_t{0};

    std::array<std::uint64_t, 4> addresses{};
    std::uint64_t epoch = kNever;
    PeerIndex peer = kNoPeer;  ///< towards whom, or from whom it may come
    std::uint16_t side = 0;
    std::uint16_t mtu = 0;                                ///< longer packets are the host stack's to answer
    PortIndex port = kNoPort;                             ///< decrypted packets: where they leave
    std::array<std::uint8_t, kEthernetBytes> ethernet{};  ///< and with what in front
};
static_assert(sizeof(Flow) == 64, "a look-up touches one cache line");

/// One lcore's memory of what routes, allowed IPs and neighbours say about the flows it has seen lately,
/// so that a packet costs one look-up instead of four or more. It only holds what is forwarded without
/// more ado; all else asks the tables. An entry is good for one epoch: until any table changes, and for
/// a second at most, so that neighbours in use are seen to be. A flow has two places, side by side: with as
/// many flows as a third of the entries, one place would leave a quarter of them to collide. Of more than two
/// that collide some take the slow way, whoever arranges it.
class FlowCache {
  public:
    /// An entry for so many flows, rounded up to a power of two.
    explicit FlowCache(std::size_t flows)
        : flows_(std::bit_ceil(std::max<std::size_t>(flows, 2))),
          shift_(64 - static_cast<unsigned>(std::countr_zero(flows_.size()))) {}

    /// What changes when an entry may no longer be trusted.
    [[nodiscard]] static std::uint64_t epoch_of(std::uint32_t routing_generation, Nanoseconds now) {
        constexpr unsigned kSecond = 30;  // 2^30 ns, or a little more than one
        return std::uint64_t{routing_generation} << 32 | static_cast<std::uint32_t>(now >> kSecond);
    }

    /// CPUs fetch lines in pairs: the other place comes along.
    void prefetch(const FlowKey& key) const { rte_prefetch0(&flows_[slot(key)]); }
    /// The flow, if it is known in this epoch, or null.
    [[nodiscard]] const Flow* find(const FlowKey& key, std::uint64_t epoch) const {
        const std::size_t place = slot(key);
        if (is(flows_[place], key, epoch)) [[likely]]
            return &flows_[place];
        return is(flows_[place ^ kOther], key, epoch) ? &flows_[place ^ kOther] : nullptr;
    }
    /// A place for what is found out about the flow: one that is free, or else its first.
    [[nodiscard]] Flow& remember(const FlowKey& key, std::uint64_t epoch) {
        std::size_t place = slot(key);
        if (flows_[place].epoch == epoch && flows_[place ^ kOther].epoch != epoch) place ^= kOther;
        Flow& flow = flows_[place];
        flow.addresses = key.addresses;
        flow.side = key.side;
        flow.epoch = epoch;
        return flow;
    }

  private:
    static constexpr std::size_t kOther = 1;  ///< the two places of a flow differ by it

    [[nodiscard]] static bool is(const Flow& flow, const FlowKey& key, std::uint64_t epoch) {
        // No loop: compilers make vectors of it, and a key that was just stored in words would be waited for.
        const auto& known = flow.addresses;
        const auto& wanted = key.addresses;
        return ((flow.epoch ^ epoch) | (flow.side ^ key.side) | (known[0] ^ wanted[0]) |
                (known[1] ^ wanted[1]) | (known[2] ^ wanted[2]) | (known[3] ^ wanted[3])) == 0;
    }
    [[nodiscard]] std::size_t slot(const FlowKey& key) const {
        constexpr std::array<std::uint64_t, 4> kFactors = {0x9e3779b97f4a7c15U, 0xc2b2ae3d27d4eb4fU,
                                                           0x165667b19e3779f9U, 0xd6e8feb86659fd93U};
        std::uint64_t hash = key.side;
        for (std::size_t i = 0; i < kFactors.size(); ++i)
            hash += key.addresses[i] * kFactors[i];
        hash ^= hash >> 32;
        return static_cast<std::size_t>((hash * kFactors[0]) >> shift_);
    }

    Table<Flow> flows_;
    unsigned shift_;
};

}  // namespace ringway::dataplane
