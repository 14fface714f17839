#pragma once

#include <atomic>
#include <cstdint>

#include "crypto/noise.h"
#include "dataplane/bundle.h"
#include "dataplane/clock.h"
#include "dataplane/next_hop.h"
#include "dataplane/replay_window.h"

namespace ringway::dataplane {

/// One session of one peer: two keys, a remote index, a replay window. The keys lie in the control
/// side's locked memory; this lies in ordinary memory and points there.
///
/// Lifetime: published by the control side in the index table (to receive) and, through the peer's
/// home lcore, in the peer's serial word (to send). Each bundle holds one reference. Once it is
/// unpublished and a grace period has passed, no new reference can be taken; when taken and
/// returned are equal, nothing holds it and the control side wipes the keys.
struct alignas(64) Keypair {
    // control: wo before publication; lcores: ro
    const crypto::TransportKeys* keys = nullptr;
    PeerIndex peer = kNoPeer;
    TunnelIndex tunnel = kNoTunnel;  ///< the peer's
    std::uint16_t tx = 0;            ///< the peer's tx lcore
    crypto::ReceiverIndex local_index;
    crypto::ReceiverIndex remote_index;
    bool is_initiator = false;
    /// The peer's home lcore: it was put in place once. Never again: where its counters ended is not known
    /// any more, and a counter used twice gives the plaintext away.
    bool was_in_place = false;
    Nanoseconds born = 0;

    /// Bundles that took a reference; any lcore.
    std::atomic<std::uint64_t> taken{0};
    /// The home lcore: the first counter that no packet has, after what it has sealed of staged packets
    /// before it was put in place. From then on the peer's serial word counts.
    std::uint64_t first_free_counter = 0;
    /// References given back, by the tx lcore. Here, so that sending touches one line of a session.
    std::atomic<std::uint64_t> returned{0};

    // What the peer's tx lcore needs to receive.
    /// A packet of it was authentic. Set before the event that tells the control side.
    alignas(64) std::atomic<bool> confirmed{false};
    /// tx lcore: the control side was told that it ages as a receiver.
    bool aging_told = false;
    ReplayWindow replay;

    /// An lcore's time is that of its last poll and may lie before the birth.
    [[nodiscard]] Nanoseconds age(Nanoseconds now) const { return now > born ? now - born : 0; }
    [[nodiscard]] bool expired(Nanoseconds now) const {
        return age(now) >= static_cast<Nanoseconds>(crypto::kRejectAfterTime.count());
    }
    /// REQUIRES: unpublished, and a grace period has passed since.
    [[nodiscard]] bool unreferenced() const {
        return taken.load(std::memory_order_acquire) == returned.load(std::memory_order_acquire);
    }
};

}  // namespace ringway::dataplane
