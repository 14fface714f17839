#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "dataplane/ring.h"
#include "dataplane/tunnel.h"

struct rte_mbuf;

namespace ringway::dataplane {

/// Handshake messages on their way to the control side. No flood shuts out what is not part of it:
///
/// A tunnel may hold as much of a line as is free. Whoever floods one tunnel holds half at most, two a
/// third each, and there is room for the others.
///
/// Messages with a mac2 have a line of their own and half of what the control side takes. A client that
/// has answered our cookie does not stand in the queue of those who send from addresses that aren't theirs.
class HandshakeQueue {
  public:
    /// Room for `capacity` messages in both lines together, or a little more. REQUIRES: EAL is up.
    HandshakeQueue(std::size_t capacity, std::size_t max_tunnels);

    /// Takes a message, described by its PacketMeta. False if there is no room for its tunnel. Any lcore.
    [[nodiscard]] bool push(rte_mbuf* message);
    /// How many were taken into the front of `messages`. Control thread.
    [[nodiscard]] std::size_t pop_some(std::span<rte_mbuf*> messages);
    /// How many wait for the tunnel; as if it were all there is room for, if one was refused since this was
    /// asked last. Control thread.
    [[nodiscard]] std::size_t depth(TunnelIndex tunnel);

    [[nodiscard]] std::size_t size() const { return lines_[0].size() + lines_[1].size(); }
    [[nodiscard]] std::size_t capacity() const { return lines_[0].capacity() + lines_[1].capacity(); }
    [[nodiscard]] bool empty() const { return size() == 0; }

  private:
    static constexpr std::size_t kLines = 2;  ///< without mac2, and with
    /// What a tunnel holds. Added to by lcores before a message is there, taken from by the control side.
    struct Share {
        std::array<std::atomic<std::uint32_t>, kLines> waiting{};
        std::atomic<bool> refused{false};
    };
    [[nodiscard]] std::size_t pop_from(std::size_t line, std::span<rte_mbuf*> messages);

    std::array<Ring<rte_mbuf*>, kLines> lines_;
    std::vector<Share> shares_;  ///< by TunnelIndex
};

}  // namespace ringway::dataplane
