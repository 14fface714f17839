#pragma once

#include <array>
#include <optional>

#include "control/protocol/plane.h"
#include "control/protocol/verdict.h"

namespace ringway::control::protocol {

/// Somebody whose initiation named no peer of ours, or was not made for us.
struct Stranger {
    TunnelId tunnel = 0;
    dataplane::Endpoint from;
    /// unknown_peer: `key` is not configured here. bad_mac1: it has another public key for us.
    Verdict verdict = Verdict::unknown_peer;
    crypto::PublicKey key;  ///< meaningful with unknown_peer
    Nanoseconds at = 0;
};

/// The last strangers that called, so that a peer with a wrong key on either side can be recognised by
/// its address. For people: nothing is decided by it, and whoever floods us with strangers displaces
/// nothing else. Fixed size.
class Strangers {
  public:
    /// One who calls again from the same place takes no second place.
    void note(const Stranger& stranger);
    /// The last one that called from that address and port.
    [[nodiscard]] std::optional<Stranger> at(TunnelId tunnel, const dataplane::Endpoint& from) const;
    /// The last one with a key that is not configured here.
    [[nodiscard]] std::optional<Stranger> last_unknown(TunnelId tunnel) const;

  private:
    static constexpr std::size_t kKept = 16;

    std::array<Stranger, kKept> kept_{};  ///< `at` 0: empty
};

}  // namespace ringway::control::protocol
