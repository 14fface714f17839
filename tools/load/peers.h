#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "crypto/cookie.h"
#include "crypto/noise.h"
#include "dataplane/clock.h"
#include "tools/load/numbering.h"
#include "tools/load/sequence_tracker.h"

namespace ringway::load {

using dataplane::Nanoseconds;

/// One session of one peer with the gateway. Times of zero: never.
struct Session {
    crypto::SymmetricKey send;
    crypto::SymmetricKey receive;
    crypto::ReceiverIndex remote;
    bool initiated = false;            ///< by us
    bool awaits_confirmation = false;  ///< we answered, and have received nothing by it yet
    std::uint64_t next_counter = 0;
    Nanoseconds born = 0;         ///< 0: there is none
    Nanoseconds received_at = 0;  ///< first data since we sent a keepalive; 0: none
    SequenceTracker counters;     ///< received

    [[nodiscard]] bool is_alive(Nanoseconds now) const {
        return born != 0 && now - born < static_cast<Nanoseconds>(crypto::kRejectAfterTime.count());
    }
};

/// A peer beside its sessions.
struct Peer {
    crypto::LocalIdentity local;
    crypto::RemoteIdentity gateway;
    crypto::CookieHolder macs;
    crypto::Handshake handshake;
    crypto::Tai64n last_timestamp;
    std::uint8_t newest_slot = 0;         ///< the last that was given a session
    std::uint8_t sending_slot = kNoSlot;  ///< what we send by
    bool handshake_wanted = false;        ///< waits in the handshaker's queue
    Nanoseconds begun_at = 0;             ///< our last initiation
    Nanoseconds initiated_at = 0;         ///< our last initiation, unanswered; 0: none is

    static constexpr std::uint8_t kNoSlot = 0xff;
};

/// All peers of a run and their sessions. A session's receiver index says where it is. One thread.
class Peers {
  public:
    /// Sessions a peer has at once: the protocol's three, and one in the making.
    static constexpr std::uint32_t kSlots = 4;

    /// Derives all keys from the seed. Takes a while: some hundred thousand peers a second.
    Peers(const PeerNumbering& numbering, std::uint64_t seed, bool preshared_keys,
          const crypto::PublicKey& gateway);

    [[nodiscard]] std::uint32_t count() const { return static_cast<std::uint32_t>(peers_.size()); }
    [[nodiscard]] const PeerNumbering& numbering() const { return numbering_; }
    [[nodiscard]] Peer& operator[](PeerNumber peer) { return peers_[peer]; }
    [[nodiscard]] const Peer& operator[](PeerNumber peer) const { return peers_[peer]; }

    [[nodiscard]] Session& session(PeerNumber peer, std::uint8_t slot) {
        return sessions_[peer * kSlots + slot];
    }
    /// What `peer` sends by, or null.
    [[nodiscard]] Session* sending(PeerNumber peer) {
        const std::uint8_t slot = peers_[peer].sending_slot;
        return slot == Peer::kNoSlot ? nullptr : &session(peer, slot);
    }

    [[nodiscard]] static crypto::ReceiverIndex index_of(PeerNumber peer, std::uint8_t slot) {
        return {crypto::Le32(peer * kSlots + slot + 1)};
    }
    /// The session with this index on our side, or null if there is none.
    [[nodiscard]] Session* find(crypto::ReceiverIndex index) {
        const std::uint32_t at = index.value.host() - 1;
        return at < sessions_.size() && sessions_[at].born != 0 ? &sessions_[at] : nullptr;
    }
    /// Whose session or handshake has this index; nothing if it is nobody's.
    [[nodiscard]] std::optional<PeerNumber> peer_of(crypto::ReceiverIndex index) const {
        const std::uint32_t at = index.value.host() - 1;
        return at < sessions_.size() ? std::optional(at / kSlots) : std::nullopt;
    }
    [[nodiscard]] static std::uint8_t slot_of(crypto::ReceiverIndex index) {
        return static_cast<std::uint8_t>((index.value.host() - 1) % kSlots);
    }

  private:
    PeerNumbering numbering_;
    std::vector<Peer> peers_;
    std::vector<Session> sessions_;
};

}  // namespace ringway::load
