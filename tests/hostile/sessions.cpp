// Messages of sessions: repeated, out of range, for other sessions.

#include <fmt/format.h>

#include <cstring>
#include <set>

#include "tests/hostile/attacks.h"
#include "tests/support/transport.h"

namespace ringway::tests {
namespace {

constexpr std::size_t kBurst = 64;
constexpr unsigned kCaller = 51;

/// The first of the counters that Bench::sealed() has not used.
std::uint64_t next_counter(const Besieged& t) {
    return t.bench.counter + 1;
}

/// Keepalives of b in bursts; all are new.
void take_keepalives(Besieged& t, std::size_t count, const char* what) {
    for (std::size_t taken = 0; taken < count; taken += kBurst) {
        std::vector<Bytes> frames;
        for (std::size_t i = 0; i < kBurst; ++i)
            frames.push_back(t.bench.wan_frame(t.bench.sealed({})));
        t.expect_all(frames, {.packets = kBurst, .consumed = kBurst, .authentic = t.gateway.peer(t.bench.b)},
                     what);
    }
}

Bytes for_index(Bytes message, crypto::ReceiverIndex index) {
    std::memcpy(message.data() + offsetof(crypto::MessageTransport, receiver), &index, sizeof(index));
    return message;
}

}  // namespace

void replays_in_every_window_position(Besieged& t) {
    constexpr std::uint64_t kMore = 200;  // that have fallen out of it
    const std::uint64_t first = next_counter(t);
    take_keepalives(t, crypto::kReplayWindow + kMore, "new keepalives");
    const std::uint64_t last = t.bench.counter;
    for (std::uint64_t counter = first; counter <= last; ++counter) {
        // By whoever recorded it, from elsewhere: the peer must not move there.
        t.expect_drop(t.from_attacker(t.bench.sealed({}, counter)), DropReason::replayed,
                      fmt::format("counter {} of {} to {} once more", counter, first, last));
        if (counter % 1024 == 0) t.expect_honest("replays");
    }
    t.bench.counter += 1000;
    const std::uint64_t gap = t.bench.counter - 500;
    t.expect_consumed(t.bench.wan_frame(t.bench.sealed({})), "a counter beyond a gap");
    t.expect_consumed(t.bench.wan_frame(t.bench.sealed({}, gap)), "a counter in the gap");
    t.expect_drop(t.from_attacker(t.bench.sealed({}, gap)), DropReason::replayed, "the same once more");
}

void counters_at_their_limits(Besieged& t) {
    constexpr std::uint64_t kLimit = crypto::kRejectAfterMessages;
    const auto accepted = [&](std::uint64_t counter) {
        const Bytes frame = t.bench.wan_frame(t.bench.sealed({}, counter));
        t.expect_consumed(frame, fmt::format("counter {:#x}", counter));
        t.expect_drop(frame, DropReason::replayed, fmt::format("counter {:#x} once more", counter));
    };
    const auto refused = [&](std::uint64_t counter) {
        t.expect_drop(t.from_attacker(t.bench.sealed({}, counter)), DropReason::session_expired,
                      fmt::format("counter {:#x}", counter));
    };
    // At 2^60 it is the sender who wants another session; the receiver has nothing to say.
    for (const std::uint64_t counter : {crypto::kRekeyAfterMessages - 1, crypto::kRekeyAfterMessages,
                                        crypto::kRekeyAfterMessages + 1, std::uint64_t{1} << 63})
        accepted(counter);
    // None of these may move the window, or the peer's own next packets would be lost.
    for (const std::uint64_t counter : {kLimit, kLimit + 1, ~std::uint64_t{0} - 1, ~std::uint64_t{0}})
        refused(counter);
    accepted((std::uint64_t{1} << 63) + 1);
    for (const std::uint64_t counter : {kLimit - 3, kLimit - 2, kLimit - 1})
        accepted(counter);
    for (const std::uint64_t counter : {kLimit, kLimit + 1, ~std::uint64_t{0}})
        refused(counter);
    for (const std::uint64_t counter :
         {std::uint64_t{0}, crypto::kRekeyAfterMessages, kLimit - 2 - crypto::kReplayWindow})
        t.expect_drop(t.from_attacker(t.bench.sealed({}, counter)), DropReason::replayed,
                      fmt::format("counter {:#x}, long past", counter));
    t.expect_honest("counters at their limits");
}

/// No attack, but what one on our counters would come to: at 2^60 another session is wanted, and past
/// REJECT_AFTER_MESSAGES nothing is sealed; packets wait for the next session.
void our_counters_at_their_limits(Besieged& t) {
    constexpr std::uint64_t kLimit = crypto::kRejectAfterMessages;
    std::set<std::pair<std::uint32_t, std::uint64_t>> sealed;  // by session and counter
    std::size_t initiations = 0;
    bool blocked = false;
    t.bench.network.set_tap([&](unsigned from, Bytes frame) {
        if (from != t.gateway.number()) return std::vector<Bytes>{std::move(frame)};
        const auto header = transport_header(frame);
        if (header) {
            const bool fresh = sealed.emplace(header->receiver.value.host(), header->counter.host()).second;
            t.require(fresh, "no counter seals twice");
            t.require(header->counter.host() < kLimit, "nothing is sealed past the limit");
        } else if (message_in(frame).front() == 1) {
            ++initiations;
            if (blocked) return std::vector<Bytes>{};
        }
        return std::vector<Bytes>{std::move(frame)};
    });
    dataplane::SerialQueue& queue = t.gateway.plane().peers[t.gateway.peer(t.bench.b)].outbound;
    const auto go_to = [&](std::uint64_t counter) {
        t.bench.network.pass(std::chrono::seconds(6));  // a handshake may follow the last one
        const dataplane::SerialState seen = queue.glance();
        t.require(queue.exchange_keypair(seen, seen.keypair, counter), "the counter is set");
        initiations = 0;
    };
    const auto arrives = [&] {
        t.require(t.gateway.receive_from_lan(t.bench.plain()), "the LAN port has room");
        t.count_tried(1);
        t.bench.network.settle();
        return t.bench.b.take_lan().size() == 1;
    };
    go_to(crypto::kRekeyAfterMessages - 2);
    t.require(arrives() && arrives() && initiations == 0, "up to 2^60 - 1 the session goes on");
    t.require(arrives() && initiations == 1, "at 2^60 another is wanted");
    t.require(arrives() && queue.glance().counter < 10, "and takes over");

    blocked = true;
    go_to(kLimit - 2);
    t.require(arrives() && arrives(), "the last counters are used");
    t.require(!arrives() && !arrives(), "those past the limit are not");
    blocked = false;
    t.bench.network.pass(std::chrono::seconds(6));
    t.require(t.bench.b.take_lan().size() == 2, "what had to wait goes by the next session");
    t.bench.network.set_tap({});
}

void indices_of_others(Besieged& t) {
    WireClient other(kCaller, t.gateway);
    const PeerIndex peer = other.join(t.gateway);
    t.expect_handshake(other.initiation(t.unix_nanoseconds()), peer, 1, "another client's initiation");
    for (const Bytes& answer : t.answers())
        (void)other.take(answer);
    if (!other.has_session()) return t.require(false, "the other client has a session");
    const Bytes hello =
        udp_packet({.source = other.inside(), .destination = t.gateway.host(Family::v4)}, pattern(20, 1));
    t.expect(other.seal(hello), {.passed = 1, .authentic = peer, .handshake = true}, "its first packet");

    for (const dataplane::Keypair& keypair : t.gateway.plane().keypairs) {
        if (keypair.keys == nullptr || keypair.peer == t.gateway.peer(t.bench.b)) continue;
        // Authentic for b's session, named as another's: it counts against that one, which notices nothing
        // else.
        const Bytes stolen = for_index(t.bench.sealed(t.bench.inner()), keypair.local_index);
        t.expect_drop(t.from_attacker(stolen), DropReason::auth_failed, "the index of another peer");
    }
    for (int i = 0; i < 2000; ++i) {
        const crypto::ReceiverIndex index{crypto::Le32(t.random.next_u32())};
        t.expect_drop(t.from_attacker(for_index(t.bench.sealed(t.bench.inner()), index)),
                      DropReason::unknown_index, "a guessed index");
    }
    t.expect_honest("other peers' indices");

    const Bytes late = t.bench.sealed(t.bench.inner());
    t.bench.network.pass(std::chrono::seconds(170));
    t.bench.network.clock().advance(std::chrono::seconds(11));
    // Its own timers are due, too.
    t.expect(t.from_attacker(late),
             {.drop = DropReason::session_expired, .dropped = 1, .authentic = t.gateway.peer(t.bench.b)},
             "an expired session's index");
    t.bench.network.pass(std::chrono::seconds(600));
    t.expect_drop(t.from_attacker(late), DropReason::unknown_index, "the index of a session that is gone");
    t.call_honestly();
}

/// Pattern: a key confirmed before its packet was authenticated. The responder may send by a session only
/// once the initiator has used it; a forgery must not be taken for that.
void first_packets_that_are_forged(Besieged& t) {
    WireClient caller(kCaller, t.gateway);
    const PeerIndex peer = caller.join(t.gateway);
    t.expect_handshake(caller.initiation(t.unix_nanoseconds()), peer, 1, "an initiation");
    for (const Bytes& answer : t.answers())
        (void)caller.take(answer);
    if (!caller.has_session()) return t.require(false, "the caller has a session");
    const Bytes hello =
        udp_packet({.source = caller.inside(), .destination = t.gateway.host(Family::v4)}, pattern(20, 1));
    const Bytes first = caller.seal(hello);
    const Bytes message = message_in(first);
    for (std::size_t bit = 8 * 8; bit < 8 * message.size(); ++bit) {
        t.expect_drop(t.from_attacker(with_bit_flipped(message, bit)), DropReason::auth_failed,
                      fmt::format("a forged first packet, bit {}", bit));
    }
    t.require(!t.gateway.has_session(peer), "no forgery confirms a session");
    t.expect(first, {.passed = 1, .authentic = peer, .handshake = true}, "the first packet itself");
    t.require(t.gateway.has_session(peer), "an authentic packet confirms a session");
}

void keepalives_at_line_rate(Besieged& t) {
    const std::size_t count = t.is_thorough() ? 500'000 : 20'000;
    for (std::size_t taken = 0; taken < count; taken += count / 10) {
        take_keepalives(t, count / 10, "a keepalive");
        t.require(t.gateway.plane().events.empty(), "keepalives fill no ring of events");
        t.expect_honest("keepalives");
    }
}

}  // namespace ringway::tests
