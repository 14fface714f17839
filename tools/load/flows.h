#pragma once

#include <cstdint>

#include "tools/load/numbering.h"

namespace ringway::load {

/// UDP destination port of every inner packet of ours; a flow's source port is this plus its number in its
/// peer.
inline constexpr std::uint16_t kLoadPort = 20000;

/// Flows numbered so that one round over all of them passes every peer before it comes to a peer again.
struct Flows {
    std::uint32_t peers = 1;
    std::uint32_t per_peer = 1;

    [[nodiscard]] std::uint32_t count() const { return peers * per_peer; }
    [[nodiscard]] PeerNumber peer_of(std::uint32_t flow) const { return flow % peers; }
    [[nodiscard]] std::uint16_t port_of(std::uint32_t flow) const {
        return static_cast<std::uint16_t>(kLoadPort + flow / peers);
    }
};

/// Goes round all flows, without a division.
class FlowCursor {
  public:
    explicit FlowCursor(const Flows& flows) : flows_(flows) {}

    [[nodiscard]] std::uint32_t flow() const { return flow_; }
    [[nodiscard]] PeerNumber peer() const { return peer_; }
    [[nodiscard]] std::uint16_t port() const { return static_cast<std::uint16_t>(kLoadPort + round_); }
    void advance() {
        ++flow_;
        if (++peer_ < flows_.peers) return;
        peer_ = 0;
        if (++round_ < flows_.per_peer) return;
        round_ = 0;
        flow_ = 0;
    }

  private:
    Flows flows_;
    std::uint32_t flow_ = 0;
    PeerNumber peer_ = 0;
    std::uint32_t round_ = 0;
};

}  // namespace ringway::load
