#pragma once

// Attacks on a gateway, one subject each: see Besieged for what each packet of them must come to.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tests/hostile/besieged.h"

namespace ringway::tests {

struct Attack {
    std::string_view name;  ///< "every length of every type": what is tried
    void (*run)(Besieged&);
};

// messages.cpp
void every_length_of_every_type(Besieged& t);
void short_messages_of_a_live_session(Besieged& t);
void lying_udp_lengths(Besieged& t);
void every_bit_of_an_initiation(Besieged& t);
void every_bit_of_a_cookie_and_a_response(Besieged& t);
void every_bit_of_a_transport_message(Besieged& t);
void reserved_bytes_and_other_lengths(Besieged& t);
void random_datagrams(Besieged& t);
// sessions.cpp
void replays_in_every_window_position(Besieged& t);
void counters_at_their_limits(Besieged& t);
void our_counters_at_their_limits(Besieged& t);
void indices_of_others(Besieged& t);
void first_packets_that_are_forged(Besieged& t);
void keepalives_at_line_rate(Besieged& t);
// inner.cpp
void sources_outside_allowed_ips(Besieged& t);
void inner_length_lies(Besieged& t);
void inner_extension_headers(Besieged& t);
void inner_garbage(Besieged& t);
// handshakes.cpp
void initiations_old_and_new(Besieged& t);
void initiations_of_no_peer(Besieged& t);
void low_order_points_sent(Besieged& t);
void answers_to_nothing(Besieged& t);
void macs_and_cookies(Besieged& t);
// frames.cpp
void frames_that_are_no_ip(Besieged& t);
void fragments_of_messages(Besieged& t);
void frames_at_every_alignment(Besieged& t);

[[nodiscard]] std::span<const Attack> attacks();

/// What became of one attack.
struct AttackOutcome {
    std::uint64_t frames = 0;
    std::vector<std::string> failures;
};
/// Runs it on a gateway of its own; the honest session is looked at when it is over.
[[nodiscard]] AttackOutcome run_attack(const Attack& attack, std::uint64_t seed, Effort effort);

// --- messages that attacks have in common ---

/// Right in nothing but type and length: why it is dropped.
[[nodiscard]] DropReason reason_of_rubbish(std::uint8_t type, std::size_t bytes);
/// The WireGuard message in a frame.
[[nodiscard]] Bytes message_in(const Bytes& frame);
/// Makes mac1 right, mac2 zero.
void renew_macs(Bytes& message, const crypto::PublicKey& to);
/// An initiation of a client as it would send it, without its frame.
[[nodiscard]] Bytes initiation_of(WireClient& client, std::uint64_t unix_nanoseconds);
/// `bytes` with one bit of it changed.
[[nodiscard]] Bytes with_bit_flipped(Bytes bytes, std::size_t bit);

}  // namespace ringway::tests
