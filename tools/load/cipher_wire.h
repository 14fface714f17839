#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "dataplane/outer_headers.h"
#include "tools/load/link.h"
#include "tools/load/numbering.h"

namespace ringway::load {

/// How peers' messages reach the gateway: what their outer headers say, and by which link they leave.
class CipherWire {
  public:
    /// The link must outlive it.
    CipherWire(Link& link, const PeerNumbering& numbering, const IpAddress& gateway,
               std::uint16_t gateway_port);

    void set_next_hop(const MacAddress& mac) { next_hop_ = mac; }

    [[nodiscard]] std::size_t header_bytes() const { return dataplane::outer_bytes(gateway_.family); }
    /// Writes header_bytes() to `out`, for the message that lies right behind.
    void write_headers(std::uint8_t* out, PeerNumber peer, std::span<const std::uint8_t> message);
    /// Sends one message beside the load. False if there was no room.
    bool send(PeerNumber peer, std::span<const std::uint8_t> message);

  private:
    static constexpr std::size_t kMaxControlFrame = 256;

    Link& link_;
    const PeerNumbering numbering_;
    IpAddress gateway_;
    std::uint16_t gateway_port_;
    MacAddress next_hop_{};
    std::uint16_t ip_id_ = 0;
};

}  // namespace ringway::load
