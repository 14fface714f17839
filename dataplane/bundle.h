#pragma once

#include <rte_mbuf.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace ringway::dataplane {

using PeerIndex = std::uint32_t;
using KeypairIndex = std::uint32_t;
inline constexpr PeerIndex kNoPeer = 0xffffffff;
inline constexpr KeypairIndex kNoKeypair = 0xffffffff;

/// A bundle's place in the pool. What the serial queue's 16-byte word has room for.
using BundleIndex = std::uint32_t;
inline constexpr BundleIndex kNoBundle = 0xffffffff;

enum class Direction : std::uint8_t { outbound, inbound };

/// Up to 64 packets of one peer, one keypair and one direction out of one burst: the unit of the
/// parallel queue and of order (Netdev 2.2 paper, figure 1).
///
/// Owned by the rx lcore that fills it; from link() on it is in its peer's serial queue, and once
/// it is in the crypto ring the packets are the crypto lcore's until `state` leaves pending; then
/// all of it is the peer's tx lcore's, which frees it. Holds one reference to its keypair.
struct alignas(64) Bundle {
    static constexpr std::size_t kCapacity = 64;

    enum class State : std::uint8_t {
        pending,  ///< not yet sealed or opened
        done,     ///< sealed, or opened with verdicts in `authentic`
        dead,     ///< the crypto ring refused it: packets are dropped in their order
    };

    std::atomic<State> state{State::pending};
    Direction direction = Direction::outbound;
    std::uint8_t count = 0;
    std::uint8_t drained = 0;                  ///< tx lcore: packets already sent on
    std::atomic<BundleIndex> next{kNoBundle};  ///< serial queue
    PeerIndex peer = kNoPeer;
    KeypairIndex keypair = kNoKeypair;
    std::uint16_t tx = 0;             ///< the peer's tx lcore
    std::uint64_t first_counter = 0;  ///< outbound: counters are first_counter + position
    std::uint64_t authentic = 0;      ///< inbound: bit i set if packet i's tag was right
    std::uint64_t opened = 0;         ///< TSC, when the turn began that opened it
    std::array<rte_mbuf*, kCapacity> packets;

    /// Makes it an empty one, opened `now` (TSC).
    void reset(std::uint64_t now) {
        state.store(State::pending, std::memory_order_relaxed);
        next.store(kNoBundle, std::memory_order_relaxed);
        count = 0;
        drained = 0;
        authentic = 0;
        opened = now;
    }
    [[nodiscard]] bool full() const { return count == kCapacity; }
    void append(rte_mbuf* packet) { packets[count++] = packet; }
};

}  // namespace ringway::dataplane
