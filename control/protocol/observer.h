#pragma once

#include <cstdint>
#include <string_view>

#include "control/protocol/plane.h"
#include "control/protocol/status.h"
#include "control/protocol/verdict.h"

namespace ringway::control::protocol {

/// Why a peer that had a session has none.
enum class DownReason : std::uint8_t {
    expired,      ///< not renewed within REJECT_AFTER_TIME
    removed,      ///< the peer is configured no more
    key_changed,  ///< its tunnel has another private key
};
[[nodiscard]] constexpr std::string_view name(DownReason reason) {
    switch (reason) {
        case DownReason::expired:
            return "expired";
        case DownReason::removed:
            return "removed";
        case DownReason::key_changed:
            return "key_changed";
    }
    return "unknown";
}

/// Who is told of what becomes of peers. Called on the control thread in the midst of other work: an
/// observer returns at once, allocates nothing and calls nobody back. This one listens to nothing.
class Observer {
  public:
    virtual ~Observer() = default;
    /// A handshake is complete and the peer had no session that could be used. One that is renewed in time
    /// is not told.
    virtual void peer_up(PeerId /*peer*/, bool /*is_initiator*/) {}
    virtual void peer_down(PeerId /*peer*/, DownReason /*reason*/) {}
    /// The peer was heard, authentically, from another address or port than the last one known.
    virtual void peer_roamed(PeerId /*peer*/, const dataplane::Endpoint& /*before*/,
                             const dataplane::Endpoint& /*now*/) {}
    /// A handshake of ours came to nothing; told when the reason is a new one, or it was tried to the end.
    virtual void handshake_failed(PeerId /*peer*/, PeerProblem /*why*/) {}
    /// A response that does not authenticate. Anyone on the path can send some.
    virtual void response_refused(PeerId /*peer*/, Verdict /*why*/, const dataplane::Endpoint& /*from*/) {}
    /// An initiation by `key`, which may be nobody's. Anyone who knows our public key can send some.
    virtual void initiation_refused(TunnelId /*tunnel*/, const crypto::PublicKey& /*key*/, Verdict /*why*/,
                                    const dataplane::Endpoint& /*from*/) {}
};

}  // namespace ringway::control::protocol
