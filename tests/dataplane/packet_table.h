#pragma once

// Packet tables: what a packet is, what must become of it. Each row breaks one rule alone.

#include <doctest/doctest.h>

#include <cstring>
#include <functional>
#include <vector>

#include "crypto/aead.h"
#include "crypto/messages.h"
#include "tests/support/test_network.h"

namespace ringway::tests {

inline constexpr PortIndex kWan = TestGateway::kWan;
inline constexpr PortIndex kLan = TestGateway::kLan;

/// Gateway 1 under test, with a session with gateway 2, the counterpart that a test speaks for; a third
/// peer that has no session, and a fourth without endpoint.
struct Bench {
    TestNetwork network;
    TestGateway& a = network.add({.number = 1});
    TestGateway& b = network.add({.number = 2});
    TestGateway& c = network.add({.number = 3});
    TestGateway& d = network.add({.number = 4});
    std::uint64_t counter = 1000;

    Bench() {
        TestNetwork::join(a, b);
        TestNetwork::join(a, c);
        (void)a.add_peer(d, {.endpoint = std::nullopt});
        REQUIRE(a.receive_from_lan(plain()));
        network.settle();
        REQUIRE(b.take_lan().size() == 1);
        REQUIRE(b.has_session(b.peer(a)));
    }

    /// From a's LAN to b's.
    [[nodiscard]] Bytes plain(Family family = Family::v4, std::size_t payload = 20) const {
        return udp_packet({.source = a.host(family), .destination = b.host(family)}, pattern(payload, 1));
    }
    /// From b's LAN to a's.
    [[nodiscard]] Bytes inner(Family family = Family::v4) const {
        return udp_packet({.source = b.host(family), .destination = a.host(family)}, pattern(20, 1));
    }
    [[nodiscard]] Bytes lan_frame(const Bytes& packet) const {
        return frame(a.mac(kLan), a.host_mac(), packet);
    }
    [[nodiscard]] Bytes wan_frame(const Bytes& message, Family family = Family::v4,
                                  std::uint16_t port = TestGateway::kListenPort, std::uint8_t ds = 0) const {
        const Udp headers{.source = b.wan(family),
                          .destination = a.wan(family),
                          .source_port = TestGateway::kListenPort,
                          .destination_port = port,
                          .ds = ds};
        return frame(a.mac(kWan), b.mac(kWan), udp_packet(headers, message));
    }
    [[nodiscard]] const dataplane::Keypair& keypair_to_a() {
        return b.plane().keypairs[b.plane().peers[b.peer(a)].outbound.glance().keypair];
    }
    /// What b would send: `plaintext` sealed for a.
    [[nodiscard]] Bytes sealed(std::span<const std::uint8_t> plaintext, std::uint64_t number) {
        const dataplane::Keypair& keypair = keypair_to_a();
        const crypto::MessageTransport header{crypto::Le32(4), keypair.remote_index, crypto::Le64(number)};
        Bytes message(sizeof(header) + plaintext.size() + crypto::kTagBytes);
        std::memcpy(message.data(), &header, sizeof(header));
        crypto::aead_seal({message.data() + sizeof(header), plaintext.size() + crypto::kTagBytes},
                          keypair.keys->send, number, plaintext, {});
        return message;
    }
    [[nodiscard]] Bytes sealed(std::span<const std::uint8_t> plaintext) {
        return sealed(plaintext, ++counter);
    }
    [[nodiscard]] Bytes handshake(std::uint8_t type, std::size_t size) const {
        Bytes message = pattern(size, 9);
        std::fill_n(message.begin(), std::min<std::size_t>(4, size), 0);
        if (size > 0) message[0] = type;
        return message;
    }
};

using MakeFrame = std::function<Bytes(Bench&)>;

/// A frame that gateway 1 receives by `port`, and why it must drop it.
struct DropCase {
    const char* description;
    PortIndex port;
    MakeFrame make;
    DropReason verdict;
};

/// Expects each row's frame to be dropped for its reason, once, and to be seen nowhere else.
void expect_drops(const std::vector<DropCase>& rows);

// --- packets with one thing wrong ---

[[nodiscard]] Bytes cut(Bytes bytes, std::size_t size);
[[nodiscard]] Bytes with(Bytes bytes, std::size_t at, std::uint8_t value);
[[nodiscard]] Bytes flipped(Bytes bytes, std::size_t at);
/// An IPv4 packet with one header byte changed and its checksum right again.
[[nodiscard]] Bytes with_header(Bytes packet, std::size_t at, std::uint8_t value);
/// The inner packet from `source`, a text, to the host behind gateway 1.
[[nodiscard]] Bytes inner_from(const Bench& t, const char* source);

}  // namespace ringway::tests
