#pragma once

// A gateway with a session whose other end a test speaks for, packet by packet.

#include <algorithm>
#include <stdexcept>

#include "tests/support/test_network.h"
#include "tests/support/transport.h"

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
        const bool sent = a.receive_from_lan(plain());
        network.settle();
        if (!sent || b.take_lan().size() != 1 || !b.has_session(b.peer(a)))
            throw std::runtime_error("the bench has no session");
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
    [[nodiscard]] const dataplane::Keypair& keypair_to_a() { return keypair_to(b, a); }
    /// What b would send: `plaintext` sealed for a.
    [[nodiscard]] Bytes sealed(std::span<const std::uint8_t> plaintext, std::uint64_t number) {
        return sealed_for(b, a, plaintext, number);
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

}  // namespace ringway::tests
