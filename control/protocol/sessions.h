#pragma once

#include <array>

#include "control/protocol/plane.h"

namespace ringway::control::protocol {

/// One session as the engine remembers it.
struct Session {
    SessionId id = kNoSession;
    Nanoseconds born = 0;
    bool is_initiator = false;

    [[nodiscard]] bool exists() const { return id != kNoSession; }
    /// Neither seals nor opens once it is older than REJECT_AFTER_TIME.
    [[nodiscard]] bool is_usable(Nanoseconds now) const;
};

/// A peer's sessions: `current` seals, all three open. Only the engine rotates them; the rules are
/// the kernel's (add_new_keypair, wg_noise_received_with_keypair).
class SessionSet {
  public:
    SessionSet(Plane& plane, PeerId peer) : plane_(&plane), peer_(peer) {}

    /// Our handshake was answered, so the peer has the new session: it becomes current at once. The
    /// session it replaces stays to open what is still on its way.
    void add_as_initiator(const Session& session);
    /// We answered a handshake, but can't know that our answer arrives: the new session waits as
    /// `next` and only opens. The peer is done with all but `current`.
    void add_as_responder(const Session& session);
    /// `next` opened its first packet: the peer has it, so it becomes current. False, and nothing
    /// changes, if `session` is not (or no longer) next.
    bool confirm(SessionId session);
    void retire_all();
    /// Those born at `birth` or before.
    void retire_born_by(Nanoseconds birth);
    /// When the oldest was born; 0 if there is none.
    [[nodiscard]] Nanoseconds oldest_birth() const;

    [[nodiscard]] const Session& previous() const { return previous_; }
    [[nodiscard]] const Session& current() const { return current_; }
    [[nodiscard]] const Session& next() const { return next_; }

  private:
    void retire(Session& session);

    Plane* plane_;
    PeerId peer_;
    Session previous_;
    Session current_;
    Session next_;
};

}  // namespace ringway::control::protocol
