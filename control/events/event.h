#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "control/change/plan.h"
#include "crypto/keys.h"
#include "dataplane/endpoint.h"

namespace ringway::control {

/// Text in memory of its own; what does not fit is cut. Configured names fit.
template <std::size_t Capacity>
class ShortText {
  public:
    void assign(std::string_view text) {
        size_ = static_cast<std::uint8_t>(text.copy(bytes_.data(), Capacity));
    }
    [[nodiscard]] std::string_view view() const { return {bytes_.data(), size_}; }

  private:
    static_assert(Capacity < 256);
    std::array<char, Capacity> bytes_{};
    std::uint8_t size_ = 0;
};

/// What of the configuration changed. Never how a secret reads.
enum class Change : std::uint8_t {
    tunnel_started,
    tunnel_changed,
    peer_added,
    peer_changed,
    peer_removed,
    allowed_ip_moved,  ///< from this peer to another one
};
[[nodiscard]] std::string_view name(Change change);

/// One thing that happened: of fixed size, so that telling it allocates nothing. Which fields have a
/// meaning stands beside its kind; the others are empty.
struct Event {
    enum class Kind : std::uint8_t {
        peer_up,                ///< tunnel, peer, key, endpoint; reason: initiator or responder (our role)
        peer_down,              ///< tunnel, peer, key; reason: DownReason
        peer_roamed,            ///< tunnel, peer, key, endpoint, endpoint_before
        handshake_failed,       ///< tunnel, peer (empty: unknown), key, endpoint if heard; reason
        configuration_changed,  ///< tunnel, by, change, fields, details; peer and key if it is of a peer
    };
    std::uint64_t sequence = 0;  ///< from 1, without gaps
    std::uint64_t unix_nanoseconds = 0;
    std::uint64_t withheld = 0;  ///< events like this one that were kept back since the last
    Kind kind = Kind::peer_up;
    bool has_key = false;
    ChangedBy by = ChangedBy::file;
    Change change = Change::tunnel_started;
    ShortText<79> fields;    ///< their names, with commas between
    ShortText<247> details;  ///< what became of each, as a plan tells it
    ShortText<31> tunnel;
    ShortText<63> peer;  ///< its configured name; empty if it has none
    crypto::PublicKey key;
    dataplane::Endpoint endpoint;
    dataplane::Endpoint endpoint_before;
    std::string_view reason;  ///< of a literal
};
static_assert(std::is_trivially_copyable_v<Event>);

/// "peer_up": the name on the stream.
[[nodiscard]] std::string_view name(Event::Kind kind);

}  // namespace ringway::control
