#include "tests/hostile/attacks.h"

#include <array>
#include <exception>

namespace ringway::tests {
namespace {

constexpr std::array kAttacks = {
    Attack{"every length of every type", every_length_of_every_type},
    Attack{"short messages of a live session", short_messages_of_a_live_session},
    Attack{"lying UDP lengths", lying_udp_lengths},
    Attack{"every bit of an initiation", every_bit_of_an_initiation},
    Attack{"every bit of a cookie and a response", every_bit_of_a_cookie_and_a_response},
    Attack{"every bit of a transport message", every_bit_of_a_transport_message},
    Attack{"reserved bytes and other lengths", reserved_bytes_and_other_lengths},
    Attack{"random datagrams", random_datagrams},
    Attack{"replays in every window position", replays_in_every_window_position},
    Attack{"counters at their limits", counters_at_their_limits},
    Attack{"our counters at their limits", our_counters_at_their_limits},
    Attack{"indices of others", indices_of_others},
    Attack{"first packets that are forged", first_packets_that_are_forged},
    Attack{"keepalives at line rate", keepalives_at_line_rate},
    Attack{"sources outside allowed IPs", sources_outside_allowed_ips},
    Attack{"inner length lies", inner_length_lies},
    Attack{"inner extension headers", inner_extension_headers},
    Attack{"inner garbage", inner_garbage},
    Attack{"initiations old and new", initiations_old_and_new},
    Attack{"initiations of no peer", initiations_of_no_peer},
    Attack{"low-order points sent", low_order_points_sent},
    Attack{"answers to nothing", answers_to_nothing},
    Attack{"MACs and cookies", macs_and_cookies},
    Attack{"frames that are no IP", frames_that_are_no_ip},
    Attack{"fragments of messages", fragments_of_messages},
    Attack{"frames at every alignment", frames_at_every_alignment},
};

}  // namespace

std::span<const Attack> attacks() {
    return kAttacks;
}

AttackOutcome run_attack(const Attack& attack, std::uint64_t seed, Effort effort) {
    try {
        Besieged besieged(seed, effort);
        attack.run(besieged);
        besieged.expect_honest("all of it");
        return {besieged.tried(), besieged.failures()};
    } catch (const std::exception& problem) {
        return {0, {std::string("it could not be tried: ") + problem.what()}};
    }
}

DropReason reason_of_rubbish(std::uint8_t type, std::size_t bytes) {
    if (type == 1 && bytes == sizeof(crypto::MessageInitiation)) return DropReason::handshake_bad_mac1;
    if (type == 2 && bytes == sizeof(crypto::MessageResponse)) return DropReason::handshake_bad_mac1;
    if (type == 3 && bytes == sizeof(crypto::MessageCookieReply)) return DropReason::handshake_unknown_index;
    if (type == 4 && bytes >= crypto::kTransportMinimumBytes) return DropReason::unknown_index;
    return DropReason::message_malformed;
}

Bytes message_in(const Bytes& frame) {
    const Bytes packet = packet_of(frame);
    const std::span<const std::uint8_t> message = payload_of(packet);
    return {message.begin(), message.end()};
}

void renew_macs(Bytes& message, const crypto::PublicKey& to) {
    crypto::CookieHolder(to).add_macs(message, 0);
}

Bytes initiation_of(WireClient& client, std::uint64_t unix_nanoseconds) {
    return message_in(client.initiation(unix_nanoseconds));
}

Bytes with_bit_flipped(Bytes bytes, std::size_t bit) {
    bytes.at(bit / 8) = static_cast<std::uint8_t>(bytes[bit / 8] ^ 1U << bit % 8);
    return bytes;
}

}  // namespace ringway::tests
