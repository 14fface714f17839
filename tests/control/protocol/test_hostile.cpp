// Each kind of bad message is dropped under its own name, and changes nothing.

#include <doctest/doctest.h>

#include <cstring>

#include "tests/control/protocol/network.h"

namespace ringway::control::protocol::test {
namespace {

using crypto::MessageType;

constexpr std::uint64_t kLater = 1'800'000'000'000'000'000;  ///< past every timestamp a test has sent

/// A server, a client it knows, and the client's key in hand.
struct Forge {
    Forge() : server(network.add_gateway()), client(network.add_gateway()) {
        server.add_peer(client);
        client.add_peer(server);
    }
    [[nodiscard]] const crypto::LocalIdentity& client_identity() const { return *client.engine.identity(0); }
    [[nodiscard]] Bytes initiation(std::uint64_t unix_ns) {
        return make_initiation(client_identity(), server.public_key(), crypto::Tai64n::from_unix(unix_ns),
                               random);
    }
    Verdict send(const Bytes& bytes) { return server.receive(bytes, client.address); }

    Network network;
    Gateway& server;
    Gateway& client;
    SeededRandom random{77};
};

void fix_mac1(Bytes& message, const crypto::PublicKey& to) {
    crypto::CookieHolder(to).add_macs(message, 0);
}

TEST_CASE("a message must have exactly the length of its type") {
    Forge forge;
    const Bytes whole = forge.initiation(kLater);
    for (std::size_t length = 0; length < 200; ++length) {
        Bytes bytes = whole;
        bytes.resize(length);
        for (std::uint8_t type = 1; type <= 3; ++type) {
            if (length > 0) bytes[0] = type;
            const bool is_whole =
                (type == 1 && length == 148) || (type == 2 && length == 92) || (type == 3 && length == 64);
            if (!is_whole) CHECK(forge.send(bytes) == Verdict::bad_length);
        }
    }
    CHECK(forge.send(whole) == Verdict::initiation_accepted);
}

TEST_CASE("other types, and reserved bytes that are not zero, are refused") {
    Forge forge;
    for (const std::uint8_t type : {0, 4, 5, 255}) {
        Bytes bytes = forge.initiation(kLater);
        bytes[0] = type;
        CHECK(forge.send(bytes) == Verdict::bad_type);
    }
    for (const std::size_t reserved : {1U, 2U, 3U}) {
        Bytes bytes = forge.initiation(kLater);
        bytes[reserved] = 1;
        fix_mac1(bytes, forge.server.public_key());
        CHECK(forge.send(bytes) == Verdict::bad_type);
    }
}

TEST_CASE("mac1 stands before everything else") {
    Forge forge;
    for (std::size_t at = 4; at < 132; ++at) {
        Bytes bytes = forge.initiation(kLater);
        bytes[at] ^= 0x10;
        CHECK(forge.send(bytes) == Verdict::bad_mac1);
    }
}

TEST_CASE("an initiation is refused wherever one bit of it is changed, mac1 made good") {
    Forge forge;
    const auto changed = [&](std::size_t at) {
        Bytes bytes = forge.initiation(kLater);
        bytes[at] ^= 0x10;
        fix_mac1(bytes, forge.server.public_key());
        return forge.send(bytes);
    };
    for (std::size_t at = 8; at < 88; ++at)
        CHECK(changed(at) == Verdict::bad_static);
    for (std::size_t at = 88; at < 116; ++at)
        CHECK(changed(at) == Verdict::bad_timestamp);
    CHECK(forge.server.plane.session_count() == 0);
    CHECK(forge.server.plane.handshake_indices() == 0);
    CHECK(forge.send(forge.initiation(kLater)) == Verdict::initiation_accepted);
}

TEST_CASE("an initiation with a low-order ephemeral is refused") {
    Forge forge;
    Bytes bytes = forge.initiation(kLater);
    std::fill(bytes.begin() + 8, bytes.begin() + 40, std::uint8_t{0});
    fix_mac1(bytes, forge.server.public_key());
    CHECK(forge.send(bytes) == Verdict::bad_static);
}

TEST_CASE("an initiation by a key we do not know is refused") {
    Forge forge;
    const auto stranger = crypto::LocalIdentity::from(make_private_key(forge.random));
    CHECK(forge.send(make_initiation(stranger, forge.server.public_key(), crypto::Tai64n::from_unix(kLater),
                                     forge.random)) == Verdict::unknown_peer);
}

TEST_CASE("an initiation by a peer whose key is our own is refused") {
    Forge forge;
    forge.server.engine.set_private_key(0, forge.client_identity().private_key.copy());
    // Made by hand: no honest initiator seals to its own key.
    const auto& own = forge.client_identity();
    crypto::RemoteIdentity remote{.public_key = own.public_key, .usable = true};
    crypto::Handshake handshake;
    crypto::MessageInitiation message;
    REQUIRE(crypto::create_initiation(handshake, own, remote, {}, crypto::Tai64n::from_unix(kLater),
                                      forge.random, message));
    Bytes bytes(sizeof(message));
    std::memcpy(bytes.data(), &message, sizeof(message));
    fix_mac1(bytes, own.public_key);
    CHECK(forge.send(bytes) == Verdict::unusable_peer);
}

TEST_CASE("an initiation is accepted only if its timestamp is newer than all before") {
    Forge forge;
    const std::uint64_t second = 1'000'000'000;
    const Bytes first = forge.initiation(kLater);
    CHECK(forge.send(first) == Verdict::initiation_accepted);
    forge.network.run(1s);
    CHECK(forge.send(first) == Verdict::replayed);
    CHECK(forge.send(forge.initiation(kLater)) == Verdict::replayed);
    CHECK(forge.send(forge.initiation(kLater - second)) == Verdict::replayed);
    CHECK(forge.send(forge.initiation(kLater + second)) == Verdict::initiation_accepted);
    CHECK(forge.server.plane.session_count() == 1);
}

TEST_CASE("initiations of a peer within 20 ms are refused, newer or not") {
    Forge forge;
    const std::uint64_t second = 1'000'000'000;
    CHECK(forge.send(forge.initiation(kLater)) == Verdict::initiation_accepted);
    forge.network.run(19'999'999ns);
    CHECK(forge.send(forge.initiation(kLater + second)) == Verdict::flood);
    forge.network.run(1ns);
    CHECK(forge.send(forge.initiation(kLater + second)) == Verdict::initiation_accepted);
}

TEST_CASE("a response to nothing of ours, or changed anywhere, is refused and does no harm") {
    Forge forge;
    Bytes response;
    forge.network.passes = [&](const Datagram& datagram) {
        if (datagram.type() == MessageType::response) response = datagram.bytes;
        return datagram.type() != MessageType::response;
    };
    forge.client.plane.send_data(0);
    forge.network.run(1s);
    REQUIRE(response.size() == 92);
    const auto changed = [&](std::size_t at) {
        Bytes bytes = response;
        bytes[at] ^= 1;
        fix_mac1(bytes, forge.client.public_key());
        return forge.client.receive(bytes, forge.server.address);
    };
    for (std::size_t at = 8; at < 12; ++at)
        CHECK(changed(at) == Verdict::unknown_index);
    for (std::size_t at = 12; at < 60; ++at)
        CHECK(changed(at) == Verdict::bad_response);
    for (std::size_t at = 60; at < 76; ++at) {
        Bytes bytes = response;
        bytes[at] ^= 1;
        CHECK(forge.client.receive(bytes, forge.server.address) == Verdict::bad_mac1);
    }
    CHECK(forge.client.plane.at(0).endpoint == forge.server.address);
    CHECK(forge.client.receive(response, forge.server.address) == Verdict::response_accepted);
}

TEST_CASE("a response to an initiation that has been repeated since is refused") {
    Forge forge;
    Bytes response;
    forge.network.passes = [&](const Datagram& datagram) {
        if (datagram.type() == MessageType::response && response.empty()) response = datagram.bytes;
        return datagram.type() == MessageType::initiation;
    };
    forge.client.plane.send_data(0);
    forge.network.run(6s);
    CHECK(forge.client.receive(response, forge.server.address) == Verdict::unknown_index);
}

TEST_CASE("a response with a low-order ephemeral is refused") {
    Forge forge;
    forge.network.passes = [](const Datagram& datagram) {
        return datagram.type() == MessageType::initiation;
    };
    forge.client.plane.send_data(0);
    forge.network.run(1s);
    Bytes response = forge.server.last_sent(MessageType::response);
    std::fill(response.begin() + 12, response.begin() + 44, std::uint8_t{0});
    fix_mac1(response, forge.client.public_key());
    CHECK(forge.client.receive(response, forge.server.address) == Verdict::bad_response);
}

TEST_CASE("a message for a tunnel that is gone, or has no key, is refused") {
    Forge forge;
    const Bytes bytes = forge.initiation(kLater);
    CHECK(forge.server.engine.on_handshake_message(3, bytes, forge.client.address, 1) == Verdict::no_tunnel);
    CHECK(forge.server.engine.on_handshake_message(9999, bytes, forge.client.address, 1) ==
          Verdict::no_tunnel);
    forge.server.engine.add_tunnel(1, {});
    CHECK(forge.server.engine.on_handshake_message(1, bytes, forge.client.address, 1) ==
          Verdict::no_private_key);
}

TEST_CASE("a response or cookie reply that comes to another tunnel is refused") {
    Forge forge;
    forge.client.engine.add_tunnel(1, forge.client_identity().private_key.copy());
    forge.network.passes = [](const Datagram& datagram) {
        return datagram.type() == MessageType::initiation;
    };
    forge.client.plane.send_data(0);
    forge.network.run(1s);
    const Bytes response = forge.server.last_sent(MessageType::response);
    const auto at_tunnel = [&](TunnelId tunnel) {
        return forge.client.engine.on_handshake_message(tunnel, response, forge.server.address,
                                                        forge.network.now());
    };
    CHECK(at_tunnel(1) == Verdict::unknown_index);
    CHECK(at_tunnel(0) == Verdict::response_accepted);
}

TEST_CASE("without a free index or session slot a handshake is dropped by name and nothing leaks") {
    Forge forge;
    forge.server.plane.index_limit = 0;
    CHECK(forge.send(forge.initiation(kLater)) == Verdict::no_index);
    forge.server.plane.index_limit = 100;
    forge.server.plane.session_limit = 0;
    forge.network.run(1s);
    CHECK(forge.send(forge.initiation(kLater + 1'000'000'000)) == Verdict::no_session);
    CHECK(forge.server.plane.handshake_indices() == 0);
    CHECK(forge.server.status().problem == PeerProblem::no_session);

    forge.network.run(1s);
    forge.server.plane.session_limit = 100;
    forge.client.plane.session_limit = 0;
    forge.client.wall_offset = 200'000'000'000'000'000;
    forge.client.plane.send_data(0);
    forge.network.run(1s);
    CHECK(forge.client.count(Verdict::no_session) == 1);
    CHECK(forge.client.plane.handshake_indices() == 0);
    forge.client.plane.session_limit = 100;
    forge.network.run(6s);
    CHECK(forge.server.plane.at(0).data_received == 1);
}

TEST_CASE("an initiator without a free index tries again") {
    Forge forge;
    forge.client.plane.index_limit = 0;
    forge.client.plane.send_data(0);
    forge.network.run(1s);
    CHECK(forge.client.status().problem == PeerProblem::no_index);
    forge.client.plane.index_limit = 100;
    forge.network.run(6s);
    CHECK(forge.server.plane.at(0).data_received == 1);
}

TEST_CASE("thousands of failing handshakes leak no index and no session") {
    Forge forge;
    std::mt19937_64 random(3);
    forge.network.passes = [&](const Datagram& datagram) {
        return datagram.type() == MessageType::initiation || random() % 3 == 0;
    };
    for (int i = 0; i < 2000; ++i) {
        if (random() % 2 == 0) forge.client.plane.send_data(0);
        if (random() % 2 == 0) forge.server.plane.send_data(0);
        if (random() % 10 == 0)
            forge.server.receive(forge.server.last_sent(MessageType::response), forge.client.address);
        forge.network.run(std::chrono::seconds(random() % 40));
        REQUIRE(forge.client.plane.handshake_indices() <= 1);
        REQUIRE(forge.server.plane.handshake_indices() <= 1);
        REQUIRE(forge.client.plane.session_count() <= 3);
        REQUIRE(forge.server.plane.session_count() <= 3);
    }
    forge.network.passes = [](const Datagram&) { return false; };
    forge.network.run(1200s);
    CHECK(forge.client.plane.handshake_indices() == 0);
    CHECK(forge.server.plane.handshake_indices() == 0);
    CHECK(forge.client.plane.session_count() == 0);
    CHECK(forge.server.plane.session_count() == 0);
    CHECK_FALSE(forge.client.engine.next_deadline());
}

TEST_CASE("random bytes of every handshake length change nothing") {
    Forge forge;
    for (int i = 0; i < 3000; ++i) {
        Bytes bytes(std::array<std::size_t, 3>{148, 92, 64}[static_cast<std::size_t>(i % 3)]);
        forge.random.fill(bytes);
        bytes[0] = static_cast<std::uint8_t>(1 + i % 3);
        bytes[1] = bytes[2] = bytes[3] = 0;
        CHECK_FALSE(is_accepted(forge.send(bytes)));
    }
    CHECK(forge.server.plane.sent.empty());
    CHECK(forge.server.plane.handshake_indices() == 0);
    CHECK_FALSE(forge.server.engine.next_deadline());
}

}  // namespace
}  // namespace ringway::control::protocol::test
