// What a peer may put into its authentic messages.

#include <fmt/format.h>

#include "dataplane/in_band_header.h"
#include "dataplane/ip_view.h"
#include "tests/hostile/attacks.h"

namespace ringway::tests {
namespace {

/// An inner packet of that family from `source` to the host behind the gateway.
Bytes inner_from(const Besieged& t, const char* source) {
    const dataplane::IpAddress from = address(source);
    return udp_packet({.source = from, .destination = t.gateway.host(from.family)}, pattern(20, 1));
}

Bytes sealed_frame(Besieged& t, std::span<const std::uint8_t> plaintext, Family family = Family::v4) {
    return t.bench.wan_frame(t.bench.sealed(plaintext), family);
}

void set16(Bytes& bytes, std::size_t at, std::size_t value) {
    bytes.at(at) = static_cast<std::uint8_t>(value >> 8);
    bytes.at(at + 1) = static_cast<std::uint8_t>(value);
}

Bytes first_bytes(const Bytes& bytes, std::size_t count) {
    return {bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(count)};
}

/// An IPv6 packet of b's LAN with that next header and those bytes behind the fixed header.
Bytes ipv6_packet(const Besieged& t, std::uint8_t next_header, const Bytes& rest) {
    Bytes packet = first_bytes(t.bench.inner(Family::v6), sizeof(dataplane::Ipv6Header));
    packet[offsetof(dataplane::Ipv6Header, next_header)] = next_header;
    set16(packet, offsetof(dataplane::Ipv6Header, payload_length), rest.size());
    packet.insert(packet.end(), rest.begin(), rest.end());
    return packet;
}

}  // namespace

void sources_outside_allowed_ips(Besieged& t) {
    for (const char* source :
         {"8.8.8.8",     "192.168.3.2",   "192.168.1.1", "192.168.1.2",        "10.0.0.1",
          "10.200.0.51", "127.0.0.1",     "0.0.0.0",     "255.255.255.255",    "224.0.0.1",
          "169.254.1.1", "192.168.1.255", "192.168.3.0", "2001:db8::1",        "fd00:3::2",
          "fd00:1::1",   "::1",           "::",          "::ffff:192.168.2.2", "fe80::1",
          "ff02::1",     "fd00::1"}) {
        for (const Family outer : {Family::v4, Family::v6}) {
            t.expect_drop_of_peer(sealed_frame(t, inner_from(t, source), outer),
                                  DropReason::disallowed_source, fmt::format("a packet from {}", source));
        }
        t.expect_honest(fmt::format("a packet from {}", source));
    }
    const int count = t.is_thorough() ? 20'000 : 1000;
    for (int i = 0; i < count; ++i) {
        Bytes packet = inner_from(t, "8.8.8.8");
        t.random.fill({packet.data() + offsetof(dataplane::Ipv4Header, source), 4});
        if (packet[12] == 192) continue;
        renew_checksum(packet);
        t.expect_drop_of_peer(sealed_frame(t, packet), DropReason::disallowed_source,
                              "a packet from anywhere");
    }
}

void inner_length_lies(Besieged& t) {
    constexpr std::size_t kV4Header = sizeof(dataplane::Ipv4Header);
    constexpr std::size_t kV6Header = sizeof(dataplane::Ipv6Header);
    const Bytes v4 = t.bench.inner(Family::v4);
    const Bytes v6 = t.bench.inner(Family::v6);
    for (std::size_t length = 0; length < 0x10000; length += length < 300 ? 1 : 991) {
        Bytes lying = v4;
        set16(lying, offsetof(dataplane::Ipv4Header, total_length), length);
        renew_checksum(lying);
        const std::string what = fmt::format("an inner IPv4 length of {} in {} bytes", length, v4.size());
        if (length < kV4Header || length > v4.size()) {
            t.expect_drop_of_peer(sealed_frame(t, lying), DropReason::inner_malformed, what);
        } else {
            // What the header leaves out is padding.
            t.expect_forwarded(sealed_frame(t, lying), forwarded(first_bytes(lying, length)), what);
        }
        lying = v6;
        set16(lying, offsetof(dataplane::Ipv6Header, payload_length), length);
        const std::string what6 = fmt::format("an inner IPv6 length of {} in {} bytes", length, v6.size());
        if (kV6Header + length > v6.size()) {
            t.expect_drop_of_peer(sealed_frame(t, lying), DropReason::inner_malformed, what6);
        } else {
            t.expect_forwarded(sealed_frame(t, lying), forwarded(first_bytes(lying, kV6Header + length)),
                               what6);
        }
        if (length % 50 == 0) t.expect_honest("inner lengths");
    }
    for (std::size_t bytes = 1; bytes < v6.size(); ++bytes) {
        if (bytes < v4.size())
            t.expect_drop_of_peer(sealed_frame(t, first_bytes(v4, bytes)), DropReason::inner_malformed,
                                  fmt::format("{} bytes of an inner IPv4 packet", bytes));
        t.expect_drop_of_peer(sealed_frame(t, first_bytes(v6, bytes)), DropReason::inner_malformed,
                              fmt::format("{} bytes of an inner IPv6 packet", bytes));
    }
    for (unsigned words = 0; words < 16; ++words) {
        Bytes lying = v4;
        lying[0] = static_cast<std::uint8_t>(0x40 | words);
        if (4 * words >= kV4Header && 4 * words <= v4.size()) {
            renew_checksum(lying);
            t.expect_forwarded(sealed_frame(t, lying), forwarded(lying),
                               fmt::format("a header of {} words", words));
        } else {
            t.expect_drop_of_peer(sealed_frame(t, lying), DropReason::inner_malformed,
                                  fmt::format("a header of {} words", words));
        }
    }
}

/// A router does not follow extension headers, so that it can't be led astray by them: they go on as they
/// are, and nothing beyond what the fixed header counts.
void inner_extension_headers(Besieged& t) {
    constexpr std::uint8_t kHopByHop = 0, kRouting = 43, kFragment = 44, kNone = 59, kOptions = 60;
    for (const std::uint8_t header : {kHopByHop, kRouting, kFragment, kNone, kOptions}) {
        for (const std::uint8_t length : {0, 1, 2, 255}) {
            for (const std::size_t bytes : {0U, 1U, 7U, 8U, 64U}) {
                Bytes rest = t.random_bytes(bytes);
                if (bytes > 1) rest[1] = length;
                const Bytes packet = ipv6_packet(t, header, rest);
                t.expect_forwarded(sealed_frame(t, packet), forwarded(packet),
                                   fmt::format("header {} of length {} in {} bytes", header, length, bytes));
            }
        }
    }
    // A chain of headers that never ends, and each other's end.
    Bytes chain;
    for (int i = 0; i < 100; ++i)
        chain.insert(chain.end(), {kOptions, 0, 1, 4, 0, 0, 0, 0});
    const Bytes chained = ipv6_packet(t, kHopByHop, chain);
    t.expect_forwarded(sealed_frame(t, chained), forwarded(chained), "a hundred extension headers");
    // A jumbogram (RFC 2675): payload length zero, 70,000 bytes by an option. There are none inside.
    Bytes jumbo = ipv6_packet(t, kHopByHop, {17, 0, 0xc2, 4, 0, 1, 0x11, 0x70, 1, 2, 3, 4});
    set16(jumbo, offsetof(dataplane::Ipv6Header, payload_length), 0);
    t.expect_forwarded(sealed_frame(t, jumbo), forwarded(first_bytes(jumbo, sizeof(dataplane::Ipv6Header))),
                       "a jumbogram");
    t.expect_honest("extension headers");
}

void inner_garbage(Besieged& t) {
    const int rounds = t.is_thorough() ? 100 : 4;
    for (int round = 0; round < rounds; ++round) {
        for (std::size_t bytes = 1; bytes <= 200; ++bytes) {
            Bytes plaintext = t.random_bytes(bytes);
            if (round % 4 == 1) plaintext[0] = static_cast<std::uint8_t>(0x45);
            if (round % 4 == 2) plaintext[0] = static_cast<std::uint8_t>(0x60);
            if (round % 4 == 3)
                std::copy_n(dataplane::kInBandMagic.begin(), std::min<std::size_t>(4, bytes),
                            plaintext.begin());
            dataplane::InBandMessage message;
            const bool is_ip = dataplane::parse_ip(plaintext).has_value();
            const auto reason =
                is_ip ? DropReason::disallowed_source : dataplane::read_in_band(plaintext, message);
            if (!reason) continue;  // a message by chance
            t.expect_drop_of_peer(sealed_frame(t, plaintext), *reason,
                                  fmt::format("{} bytes of garbage", bytes));
        }
        t.expect_honest("inner garbage");
    }
}

}  // namespace ringway::tests
