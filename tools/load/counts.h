#pragma once

#include <cstdint>

namespace ringway::load {

/// What became of one direction's packets. received = matched + duplicates + ancient + corrupt.
struct DirectionCounts {
    std::uint64_t sent = 0;        ///< taken by the device
    std::uint64_t sent_bytes = 0;  ///< of inner packets
    std::uint64_t received = 0;
    std::uint64_t matched = 0;  ///< each packet once
    std::uint64_t duplicates = 0;
    std::uint64_t ancient = 0;    ///< so late that it can't be told whether they came before
    std::uint64_t corrupt = 0;    ///< not what was sent, or not authentic
    std::uint64_t reordered = 0;  ///< of those matched: overtaken by a later one of their flow or session
    std::uint64_t checked =
        0;  ///< of those received: compared byte by byte, and decrypted if they were sealed

    [[nodiscard]] std::uint64_t lost() const { return sent > matched ? sent - matched : 0; }
};

/// What one port received beside the load. Frames = the directions' received + control + foreign.
struct PortCounts {
    std::uint64_t frames = 0;
    std::uint64_t neighbours = 0;  ///< ARP and neighbour discovery
    std::uint64_t handshakes = 0;  ///< WireGuard messages of types 1 to 3
    std::uint64_t keepalives = 0;
    std::uint64_t foreign = 0;  ///< everything else
};

}  // namespace ringway::load
