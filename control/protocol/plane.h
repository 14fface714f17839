#pragma once

// What the protocol engine asks of the packet path. The gateway implements it over dataplane/;
// tests implement it over plain containers and virtual time.

#include <cstdint>
#include <optional>
#include <span>

#include "crypto/keys.h"
#include "crypto/messages.h"
#include "crypto/noise.h"
#include "dataplane/endpoint.h"

namespace ringway::control::protocol {

/// A peer's and a tunnel's place in their tables, chosen by the caller: dense, below the configured
/// maximum, and used again only after the old holder is gone.
using PeerId = std::uint32_t;
using TunnelId = std::uint32_t;
/// A session as the packet path names it. Never used again while anything could still hold it.
using SessionId = std::uint32_t;
inline constexpr SessionId kNoSession = 0xffffffff;

/// Monotonic nanoseconds, from the injected clock. Zero is "never".
using Nanoseconds = std::uint64_t;

/// Coarse time stamps of one peer, kept by the lcores, which arm no timers themselves.
struct PeerActivity {
    Nanoseconds unanswered_since = 0;      ///< first data packet sent since anything authentic was received
    Nanoseconds keepalive_owed_since = 0;  ///< first data packet received since anything was sent
    Nanoseconds last_traversal = 0;        ///< last authentic packet either way (persistent keepalive)
    bool has_staged = false;               ///< packets wait for a session
};

/// A session ready for use.
struct NewSession {
    crypto::ReceiverIndex local_index;  ///< from reserve_index(); from now on it names the session
    crypto::ReceiverIndex remote_index;
    bool is_initiator = false;
    Nanoseconds born = 0;
};

/// All calls come from the control thread and return at once.
class Plane {
  public:
    virtual ~Plane() = default;

    /// An unpredictable index that no other handshake or session of ours holds, for a handshake of
    /// `peer`; nothing when the table is full. Messages that carry it are handed to the engine.
    [[nodiscard]] virtual std::optional<crypto::ReceiverIndex> reserve_index(PeerId peer) = 0;
    /// Whose handshake or session holds `index`, if one does. (A cookie reply may answer a response
    /// of ours, whose index is a session's by then.)
    [[nodiscard]] virtual std::optional<PeerId> find_index(crypto::ReceiverIndex index) const = 0;
    /// Gives back an index whose handshake came to nothing.
    virtual void release_index(crypto::ReceiverIndex index) = 0;

    /// From now on packets for `session.local_index` are opened with `keys.receive`. The keys are
    /// moved into the packet path's own locked memory. kNoSession when no slot is free; a peer holds
    /// at most three sessions, and a fourth while they rotate.
    [[nodiscard]] virtual SessionId install_session(PeerId peer, const NewSession& session,
                                                    crypto::TransportKeys keys) = 0;
    /// New packets of the peer are sealed by `session` (kNoSession: they are staged). What was staged
    /// leaves first, and what is being staged meanwhile leaves too. The engine sets a session at most
    /// once: its counters begin at zero with that.
    virtual void set_sending(PeerId peer, SessionId session) = 0;
    /// The session receives and sends no more; its keys are wiped once nothing in flight holds it.
    virtual void retire_session(PeerId peer, SessionId session) = 0;

    /// Whether there is anywhere to send to: asked before the Diffie-Hellmans of an initiation.
    [[nodiscard]] virtual bool has_endpoint(PeerId peer) const = 0;
    /// Sends a handshake message to the peer's endpoint; false if it has none.
    virtual bool send_to_peer(PeerId peer, std::span<const std::uint8_t> message) = 0;
    /// Sends a cookie reply to wherever a message came from.
    virtual void send_to(TunnelId tunnel, const dataplane::Endpoint& to,
                         std::span<const std::uint8_t> message) = 0;
    /// An empty transport message, in its order among the peer's packets. Only with a sending session.
    virtual void send_keepalive(PeerId peer) = 0;
    /// Frees what waits for a session, as counted drops.
    virtual void drop_staged(PeerId peer) = 0;

    /// The peer was heard, authentically, from there.
    virtual void set_endpoint(PeerId peer, const dataplane::Endpoint& endpoint) = 0;
    /// Forgets the local half of the endpoint, so that the next send asks the route again.
    virtual void clear_endpoint_source(PeerId peer) = 0;

    [[nodiscard]] virtual PeerActivity activity(PeerId peer) const = 0;
    /// A handshake message is authentic traffic too: these touch the stamps as a packet would.
    virtual void note_authenticated_sent(PeerId peer, Nanoseconds now) = 0;
    virtual void note_authenticated_received(PeerId peer, Nanoseconds now) = 0;
    /// While a peer is watched the engine looks at its activity by itself at least every
    /// KEEPALIVE_TIMEOUT. Once it is not, the packet path must call Engine::on_activity at the next
    /// change of unanswered_since or keepalive_owed_since; a change before the call may already be in
    /// activity(), which the engine reads once more after it.
    virtual void set_watched(PeerId peer, bool watched) = 0;
};

}  // namespace ringway::control::protocol
