// Messages that are cut, stretched, changed bit by bit, or were never any.

#include <fmt/format.h>

#include "tests/hostile/attacks.h"

namespace ringway::tests {
namespace {

constexpr unsigned kCaller = 51;
constexpr std::size_t kLongest = 200;

/// A client that has not called yet, and its first initiation, held back.
struct HeldCall {
    explicit HeldCall(Besieged& t)
        : client(kCaller, t.gateway),
          peer(client.join(t.gateway)),
          frame(client.initiation(t.unix_nanoseconds())) {
        t.bench.network.settle();
    }
    WireClient client;
    PeerIndex peer;
    Bytes frame;
};

/// A handshake that the gateway has begun with c: what c says to it is held back. First a cookie, for c says
/// that it is under load, then a response.
struct HeldAnswers {
    explicit HeldAnswers(Besieged& besieged) : t(besieged) {
        t.bench.network.set_tap([this](unsigned from, Bytes frame) {
            if (from != t.bench.c.number()) return std::vector<Bytes>{std::move(frame)};
            said.push_back(message_in(frame));
            return std::vector<Bytes>{};
        });
        t.bench.c.core().engine().note_queue_depth(TestGateway::kTunnel, 1'000'000,
                                                   t.bench.network.clock().now());
        const Udp to_c{.source = t.gateway.host(Family::v4), .destination = t.bench.c.host(Family::v4)};
        t.require(t.gateway.receive_from_lan(udp_packet(to_c, pattern(20, 1))), "a packet for c");
        t.bench.network.settle();
    }
    ~HeldAnswers() { t.bench.network.set_tap({}); }
    HeldAnswers(const HeldAnswers&) = delete;
    HeldAnswers& operator=(const HeldAnswers&) = delete;

    [[nodiscard]] bool has(std::size_t count, std::size_t bytes) const {
        return said.size() == count && said.back().size() == bytes;
    }

    Besieged& t;
    std::vector<Bytes> said;
};

/// Each bit of bytes `first` to `last`, that one excluded.
void flip_bits(Besieged& t, const Bytes& message, std::size_t first, std::size_t last, DropReason reason,
               const char* what, const crypto::PublicKey* mac1_for = nullptr) {
    for (std::size_t bit = 8 * first; bit < 8 * last; ++bit) {
        Bytes changed = with_bit_flipped(message, bit);
        if (mac1_for != nullptr) renew_macs(changed, *mac1_for);
        t.expect_drop(t.from_attacker(changed, bit % 2 == 0 ? Family::v4 : Family::v6), reason,
                      fmt::format("{}, bit {}", what, bit));
    }
}

/// The parts that every message begins with.
void flip_header(Besieged& t, const Bytes& message, const char* what) {
    flip_bits(t, message, 0, 4, DropReason::message_malformed, what);
}

}  // namespace

void every_length_of_every_type(Besieged& t) {
    for (const std::uint8_t type : {0, 1, 2, 3, 4, 5, 6, 127, 255}) {
        for (std::size_t bytes = 0; bytes <= kLongest; ++bytes) {
            Bytes message = t.random_bytes(bytes);
            std::fill_n(message.begin(), std::min<std::size_t>(4, bytes), std::uint8_t{0});
            if (bytes != 0) message[0] = type;
            for (const Family family : {Family::v4, Family::v6}) {
                t.expect_drop(t.from_attacker(message, family), reason_of_rubbish(type, bytes),
                              fmt::format("{} bytes of type {}", bytes, type));
            }
        }
        t.expect_honest(fmt::format("every length of type {}", type));
    }
}

/// Pattern: a 16-bit length that wraps below 32 bytes. Header and tag take 32 bytes; whoever subtracts first
/// and looks later opens 65,535 bytes.
void short_messages_of_a_live_session(Besieged& t) {
    const Bytes whole = t.bench.sealed(t.random_bytes(kLongest));
    for (std::size_t bytes = 0; bytes < whole.size(); ++bytes) {
        const Bytes message(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(bytes));
        const DropReason reason =
            bytes < crypto::kTransportMinimumBytes ? DropReason::message_malformed : DropReason::auth_failed;
        t.expect_drop(t.from_attacker(message), reason, fmt::format("the first {} bytes", bytes));
    }
    t.expect_honest("short messages");
}

/// The UDP header's word against that of the IP header.
void lying_udp_lengths(Besieged& t) {
    constexpr std::size_t kUdpHeader = sizeof(dataplane::UdpHeader);
    const Bytes message = t.bench.sealed(t.bench.inner());
    for (const Family family : {Family::v4, Family::v6}) {
        const Bytes honest = t.from_attacker(message, family);
        const std::size_t at =
            14U + (family == Family::v4 ? 20U : 40U) + offsetof(dataplane::UdpHeader, length);
        for (std::size_t length = 0; length < 0x10000; length += length < 300 ? 1 : 997) {
            if (length == kUdpHeader + message.size()) continue;
            Bytes lying = honest;
            lying[at] = static_cast<std::uint8_t>(length >> 8);
            lying[at + 1] = static_cast<std::uint8_t>(length);
            const bool long_enough = length >= kUdpHeader + crypto::kTransportMinimumBytes;
            const bool is_there = length <= kUdpHeader + message.size();
            t.expect_drop(lying,
                          long_enough && is_there ? DropReason::auth_failed : DropReason::message_malformed,
                          fmt::format("a UDP length of {}", length));
        }
    }
}

void every_bit_of_an_initiation(Besieged& t) {
    const HeldCall call(t);
    const Bytes message = message_in(call.frame);
    const crypto::PublicKey& key = t.gateway.public_key();
    flip_header(t, message, "an initiation");
    flip_bits(t, message, 4, 132, DropReason::handshake_bad_mac1, "an initiation");
    flip_bits(t, message, 8, 88, DropReason::handshake_bad_static, "an initiation, mac1 made good", &key);
    flip_bits(t, message, 88, 116, DropReason::handshake_bad_timestamp, "an initiation, mac1 made good",
              &key);
    t.expect_honest("initiations changed");
    // Of what they were made of nothing is used up.
    t.expect_handshake(call.frame, call.peer, 1, "the initiation itself");
}

void every_bit_of_a_cookie_and_a_response(Besieged& t) {
    HeldAnswers c(t);
    const crypto::PublicKey& key = t.gateway.public_key();
    const PeerIndex peer = t.gateway.peer(t.bench.c);
    if (!c.has(1, sizeof(crypto::MessageCookieReply))) return t.require(false, "a cookie is sent");
    const Bytes cookie = c.said.back();
    flip_header(t, cookie, "a cookie");
    flip_bits(t, cookie, 4, 8, DropReason::handshake_unknown_index, "a cookie");
    flip_bits(t, cookie, 8, 64, DropReason::handshake_bad_cookie, "a cookie");
    t.expect_handshake(t.from_attacker(cookie), peer, 0, "the cookie itself");
    t.expect_drop(t.from_attacker(cookie), DropReason::handshake_bad_cookie, "the cookie once more");

    t.bench.network.pass(std::chrono::seconds(7));
    t.expect_honest("cookies changed");
    if (!c.has(2, sizeof(crypto::MessageResponse))) return t.require(false, "a response is sent");
    const Bytes response = c.said.back();
    flip_header(t, response, "a response");
    flip_bits(t, response, 4, 76, DropReason::handshake_bad_mac1, "a response");
    flip_bits(t, response, 8, 12, DropReason::handshake_unknown_index, "a response, mac1 made good", &key);
    flip_bits(t, response, 12, 60, DropReason::handshake_bad_response, "a response, mac1 made good", &key);
    t.expect_honest("responses changed");
    // The packet that waits for the session goes with it.
    t.expect(t.from_attacker(response),
             {.consumed = 1, .passed = 1, .released = 1, .authentic = peer, .handshake = true},
             "the response itself");
    t.expect_drop(t.from_attacker(response), DropReason::handshake_no_handshake, "the response once more");
}

void every_bit_of_a_transport_message(Besieged& t) {
    for (const std::size_t bytes : {0U, 16U, 100U}) {
        const Bytes message = t.bench.sealed(t.random_bytes(bytes));
        flip_header(t, message, "a transport message");
        flip_bits(t, message, 4, 8, DropReason::unknown_index, "a transport message");
        flip_bits(t, message, 8, message.size(), DropReason::auth_failed, "a transport message");
        t.expect_honest("transport messages changed");
    }
    const Bytes packet = t.bench.inner();
    const Bytes message = t.bench.sealed(packet);
    flip_bits(t, message, 8, message.size(), DropReason::auth_failed, "a packet's message");
    t.expect_forwarded(t.bench.wan_frame(message), forwarded(packet), "the message itself");
}

void reserved_bytes_and_other_lengths(Besieged& t) {
    const HeldCall call(t);
    const HeldAnswers c(t);
    t.require(!c.said.empty(), "a cookie is sent");
    Bytes response = t.random_bytes(sizeof(crypto::MessageResponse));
    std::fill_n(response.begin(), 4, std::uint8_t{0});
    response[0] = 2;
    renew_macs(response, t.gateway.public_key());
    const Bytes transport = t.bench.sealed(t.random_bytes(64));
    for (const Bytes& message : {message_in(call.frame), response, c.said.front(), transport}) {
        const bool is_transport = message[0] == 4;
        for (const std::size_t reserved : {1U, 2U, 3U}) {
            for (unsigned value = 1; value < 256; ++value) {
                Bytes changed = message;
                changed[reserved] = static_cast<std::uint8_t>(value);
                t.expect_drop(t.from_attacker(changed), DropReason::message_malformed,
                              fmt::format("type {}, reserved byte {} is {}", message[0], reserved, value));
            }
        }
        for (std::size_t bytes = 0; bytes < message.size() + 100; ++bytes) {
            if (bytes == message.size()) continue;
            Bytes changed = message;
            changed.resize(bytes, 0);
            const bool is_one = is_transport && bytes >= crypto::kTransportMinimumBytes;
            t.expect_drop(t.from_attacker(changed),
                          is_one ? DropReason::auth_failed : DropReason::message_malformed,
                          fmt::format("type {}, {} of {} bytes", message[0], bytes, message.size()));
        }
        t.expect_honest("reserved bytes and other lengths");
    }
}

void random_datagrams(Besieged& t) {
    constexpr std::size_t kBurst = 64;
    const std::size_t bursts = t.is_thorough() ? 1'000'000 / kBurst : 30'000 / kBurst;
    for (std::size_t i = 0; i < bursts; ++i) {
        // Of one length and kind, so that it is known which reason there must be.
        const std::size_t bytes = t.random.below(4) == 0 ? t.random.below(1400) : t.random.below(kLongest);
        const std::uint8_t type = static_cast<std::uint8_t>(t.random.below(6));
        const bool looks_right = t.random.below(4) != 0;
        std::vector<Bytes> frames;
        while (frames.size() < kBurst) {
            Bytes message = t.random_bytes(bytes);
            if (looks_right) {
                std::fill_n(message.begin(), std::min<std::size_t>(4, bytes), std::uint8_t{0});
                if (bytes != 0) message[0] = type;
            } else if (bytes >= 4) {
                message[3] |= 1;  // never one by chance
            }
            frames.push_back(t.from_attacker(message, i % 2 == 0 ? Family::v4 : Family::v6));
        }
        const DropReason reason =
            looks_right ? reason_of_rubbish(type, bytes) : DropReason::message_malformed;
        t.expect_all(frames, {.packets = kBurst, .drop = reason, .dropped = kBurst},
                     fmt::format("random datagrams of {} bytes", bytes));
        if (i % 64 == 0) t.expect_honest("random datagrams");
    }
}

}  // namespace ringway::tests
