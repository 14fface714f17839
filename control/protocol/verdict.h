#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ringway::control::protocol {

/// What became of one handshake message. Everything but the first three is a drop, and its name is
/// the drop's reason.
enum class Verdict : std::uint8_t {
    initiation_accepted,  ///< answered with a response; its session waits for confirmation
    response_accepted,    ///< our handshake is complete
    cookie_accepted,      ///< our next handshake message to that peer carries mac2

    bad_length,      ///< no message of its type has this length
    bad_type,        ///< not a handshake message, or reserved bytes set
    no_tunnel,       ///< for a tunnel that is gone
    no_private_key,  ///< for a tunnel without a key
    bad_mac1,        ///< the sender does not know our public key
    cookie_sent,     ///< under load and without a valid mac2: answered with a cookie
    rate_limited,    ///< under load, and this source sends too many
    bad_static,      ///< initiation not sealed for us, or with a low-order ephemeral
    unknown_peer,    ///< initiation by a key we do not know
    unusable_peer,   ///< initiation by a key no session can be made with
    bad_timestamp,   ///< initiation not sealed by the key it names
    replayed,        ///< initiation's timestamp is not newer than the last one accepted
    flood,           ///< initiation too soon after the peer's last one
    unknown_index,   ///< response or cookie reply to nothing of ours
    no_handshake,    ///< response to a handshake that is over
    bad_response,    ///< response that does not authenticate: forged, or another preshared key
    bad_cookie,      ///< cookie reply that does not open, or that we did not ask for
    no_index,        ///< no receiver index is free
    no_session,      ///< no session slot is free
};
inline constexpr std::size_t kVerdicts = static_cast<std::size_t>(Verdict::no_session) + 1;

[[nodiscard]] constexpr bool is_accepted(Verdict verdict) {
    return verdict <= Verdict::cookie_accepted;
}
/// "bad_mac1", as counters show it.
[[nodiscard]] std::string_view name(Verdict verdict);

}  // namespace ringway::control::protocol
