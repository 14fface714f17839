#pragma once

// ARP (RFC 826) and neighbour discovery (RFC 4861), as far as a host needs them who has no host stack: it
// answers for its own addresses and finds out its next hop's.

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "dataplane/headers.h"
#include "dataplane/ip_view.h"
#include "tools/load/numbering.h"

namespace ringway::load {

using dataplane::MacAddress;
using Frame = std::vector<std::uint8_t>;

/// What one Ethernet segment sees of us.
class Neighbours {
  public:
    /// `owns`: for which addresses we answer. `own`: the one that we ask from. `next_hop` may be of the other
    /// family only if its MAC address is given.
    Neighbours(const MacAddress& mac, const IpAddress& own, const IpAddress& next_hop,
               std::function<bool(const IpAddress&)> owns);

    /// The frame that asks for the next hop.
    [[nodiscard]] Frame question() const;
    /// Takes a frame that may be ARP or neighbour discovery. The answer, empty if there
    /// is none to give; nothing if it is another kind of frame.
    [[nodiscard]] std::optional<Frame> take(std::span<const std::uint8_t> frame);

    [[nodiscard]] const std::optional<MacAddress>& next_hop_mac() const { return next_hop_mac_; }
    void set_next_hop_mac(const MacAddress& mac) { next_hop_mac_ = mac; }
    [[nodiscard]] const IpAddress& next_hop() const { return next_hop_; }

  private:
    [[nodiscard]] Frame take_arp(std::span<const std::uint8_t> frame);
    [[nodiscard]] std::optional<Frame> take_icmp6(std::span<const std::uint8_t> frame);

    MacAddress mac_;
    IpAddress own_;
    IpAddress next_hop_;
    std::function<bool(const IpAddress&)> owns_;
    std::optional<MacAddress> next_hop_mac_;
};

}  // namespace ringway::load
