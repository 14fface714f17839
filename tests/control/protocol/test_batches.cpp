// Messages handled together fare as they would one after the other.

#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>

#include "control/protocol/bytes.h"
#include "tests/control/protocol/network.h"

namespace ringway::control::protocol::test {
namespace {

constexpr PeerId kPeers = 6;
constexpr PeerId kInitiated = 3;  ///< peers that the gateway has begun a handshake with

crypto::Tai64n timestamp(std::uint8_t number) {
    crypto::Tai64n time{};
    time.bytes.back() = number;
    return time;
}

dataplane::Endpoint from_port(std::uint16_t port) {
    return {.remote = {.family = dataplane::Family::v4, .bytes = {10, 0, 0, 99}}, .remote_port = port};
}

struct Message {
    TunnelId tunnel = 0;
    Bytes bytes;
    dataplane::Endpoint from;
};

/// A gateway whose peers are keys in the test's hands. Worlds of one seed are alike, byte for byte.
struct World {
    explicit World(std::uint64_t seed, crypto::X25519Path path = crypto::best_x25519_path())
        : network(seed),
          gateway(network.add_gateway({.max_peers = 16, .max_tunnels = 2, .x25519 = path})),
          random(seed) {
        network.passes = [](const Datagram&) { return false; };
        for (PeerId id = 0; id < kPeers; ++id) {
            peers.push_back(crypto::LocalIdentity::from(make_private_key(random)));
            gateway.plane.at(id).endpoint = from_port(1);
            REQUIRE(gateway.engine.add_peer(0, id, peers[id].public_key, {}, 0, network.now()));
        }
        for (PeerId id = 0; id < kInitiated; ++id) {
            gateway.engine.on_session_wanted(id, network.now());
            begun.push_back(gateway.last_sent(crypto::MessageType::initiation));
        }
    }

    [[nodiscard]] Bytes initiation(PeerId peer, std::uint8_t time) {
        return make_initiation(peers[peer], gateway.public_key(), timestamp(time), random);
    }
    /// What the peer answers to our initiation.
    [[nodiscard]] Bytes response(PeerId peer) {
        crypto::MessageInitiation initiation;
        std::memcpy(&initiation, begun[peer].data(), sizeof(initiation));
        crypto::OpenedInitiation opened;
        const auto remote = crypto::RemoteIdentity::from(peers[peer], gateway.public_key(), {});
        REQUIRE(crypto::open_initiation(opened, peers[peer], initiation));
        REQUIRE(crypto::open_timestamp(opened, remote, initiation));
        crypto::Handshake handshake;
        crypto::accept_initiation(handshake, opened);
        crypto::MessageResponse message;
        const crypto::ReceiverIndex index{crypto::Le32(random.next_u32())};
        REQUIRE(crypto::create_response(handshake, remote, index, random, message));
        return with_macs(message);
    }
    [[nodiscard]] Bytes cookie_reply(PeerId peer) {
        crypto::CookieChecker checker(peers[peer].public_key);
        crypto::MessageInitiation initiation;
        std::memcpy(&initiation, begun[peer].data(), sizeof(initiation));
        crypto::MessageCookieReply reply;
        const std::array<std::uint8_t, 6> source{};
        checker.make_reply(reply, begun[peer], initiation.sender, source, 1, random);
        const auto bytes = bytes_of(reply);
        return {bytes.begin(), bytes.end()};
    }
    template <typename Wire>
    [[nodiscard]] Bytes with_macs(Wire message) {
        crypto::CookieHolder(gateway.public_key()).add_macs(bytes_of(message), 0);
        const auto bytes = bytes_of(message);
        return {bytes.begin(), bytes.end()};
    }
    /// Changed, and its mac1 made good.
    [[nodiscard]] Bytes forged(Bytes bytes, std::size_t at) {
        bytes[at] ^= 1;
        crypto::CookieHolder(gateway.public_key()).add_macs(bytes, 0);
        return bytes;
    }

    std::vector<Verdict> take_together(const std::vector<Message>& messages) {
        std::vector<HandshakeArrival> arrivals;
        for (const Message& message : messages)
            arrivals.push_back({message.tunnel, message.bytes, message.from});
        std::vector<Verdict> verdicts(messages.size());
        gateway.engine.on_handshake_messages(arrivals, verdicts, network.now());
        return verdicts;
    }
    std::vector<Verdict> take_singly(const std::vector<Message>& messages) {
        std::vector<Verdict> verdicts;
        for (const Message& message : messages) {
            verdicts.push_back(gateway.engine.on_handshake_message(message.tunnel, message.bytes,
                                                                   message.from, network.now()));
        }
        return verdicts;
    }

    Network network;
    Gateway& gateway;
    SeededRandom random;
    std::vector<crypto::LocalIdentity> peers;
    std::vector<Bytes> begun;
};

bool same(const std::optional<SessionStatus>& a, const std::optional<SessionStatus>& b) {
    if (!a || !b) return !a && !b;
    return a->id == b->id && a->born == b->born && a->is_initiator == b->is_initiator;
}

/// In all that does not come of random bytes.
void check_same(World& one, World& other) {
    for (PeerId id = 0; id < kPeers; ++id) {
        CAPTURE(id);
        const PeerStatus a = one.gateway.status(id);
        const PeerStatus b = other.gateway.status(id);
        CHECK(a.last_handshake_unix_ns == b.last_handshake_unix_ns);
        CHECK(a.handshake_under_way == b.handshake_under_way);
        CHECK(a.initiations == b.initiations);
        CHECK(a.problem == b.problem);
        CHECK(same(a.previous, b.previous));
        CHECK(same(a.current, b.current));
        CHECK(same(a.next, b.next));
        const auto& at = one.gateway.plane.at(id);
        const auto& bt = other.gateway.plane.at(id);
        CHECK(at.endpoint.remote_port == bt.endpoint.remote_port);
        CHECK(at.sending == bt.sending);
        CHECK(at.retired == bt.retired);
        CHECK(at.activity.last_traversal == bt.activity.last_traversal);
    }
    CHECK(one.gateway.plane.handshake_indices() == other.gateway.plane.handshake_indices());
    CHECK(one.gateway.plane.session_count() == other.gateway.plane.session_count());
    CHECK(one.gateway.engine.next_deadline() == other.gateway.engine.next_deadline());
    for (const auto type : {crypto::MessageType::initiation, crypto::MessageType::response,
                            crypto::MessageType::cookie_reply, crypto::MessageType::transport})
        CHECK(one.gateway.count_sent(type) == other.gateway.count_sent(type));
}

Message random_message(World& world) {
    auto& random = world.random;
    const auto below = [&](std::uint32_t bound) { return random.next_u32() % bound; };
    Message message{.tunnel = 0, .bytes = {}, .from = from_port(static_cast<std::uint16_t>(1000 + below(9)))};
    const PeerId peer = below(kPeers);
    const auto time = static_cast<std::uint8_t>(1 + below(4));
    switch (below(12)) {
        case 0:
        case 1:
        case 2:
        case 3:
            message.bytes = world.initiation(peer, time);
            break;
        case 4:
            message.bytes = world.forged(world.initiation(peer, time), 8 + below(108));
            break;
        case 5:
        case 6:
            message.bytes = world.response(peer % kInitiated);
            break;
        case 7:
            message.bytes = world.forged(world.response(peer % kInitiated), 8 + below(52));
            break;
        case 8:
            message.bytes = world.cookie_reply(peer % kInitiated);
            break;
        case 9: {
            const auto stranger = crypto::LocalIdentity::from(make_private_key(random));
            message.bytes = make_initiation(stranger, world.gateway.public_key(), timestamp(time), random);
            break;
        }
        case 10:
            message.bytes = world.initiation(peer, time);
            message.bytes[below(148)] ^= 0x10;
            break;
        default:
            message.bytes = world.initiation(peer, time);
            message.tunnel = below(2) * 7;
            message.bytes.resize(below(149));
    }
    return message;
}

TEST_CASE("a batch of anything ends as its messages do one after the other") {
    std::array<std::size_t, kVerdicts> seen{};
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
        CAPTURE(seed);
        World together(seed);
        World singly(seed);
        World scalar(seed, crypto::X25519Path::scalar);
        std::vector<Message> messages;
        for (std::uint32_t i = 0; i < 1 + seed % 70; ++i)
            messages.push_back(random_message(together));
        for (World* world : {&together, &singly, &scalar}) {
            if (seed % 5 == 1) world->gateway.plane.session_limit = 2;
            if (seed % 5 == 2) world->gateway.plane.index_limit = kInitiated;
            if (seed % 5 == 3) world->gateway.engine.note_queue_depth(0, 4096, world->network.now());
        }
        const auto verdicts = together.take_together(messages);
        CHECK(verdicts == singly.take_singly(messages));
        CHECK(verdicts == scalar.take_together(messages));
        check_same(together, singly);
        check_same(together, scalar);
        for (const Verdict verdict : verdicts)
            ++seen[static_cast<std::size_t>(verdict)];
    }
    // It did meet all this.
    for (const Verdict verdict :
         {Verdict::initiation_accepted, Verdict::response_accepted, Verdict::cookie_accepted,
          Verdict::bad_length, Verdict::no_tunnel, Verdict::bad_mac1, Verdict::cookie_sent,
          Verdict::bad_static, Verdict::unknown_peer, Verdict::replayed, Verdict::flood,
          Verdict::no_handshake, Verdict::bad_response, Verdict::no_index, Verdict::no_session}) {
        CAPTURE(name(verdict));
        CHECK(seen[static_cast<std::size_t>(verdict)] > 0);
    }
}

TEST_CASE("of two initiations of a peer in a batch the second is judged by the first") {
    World world(1);
    const auto verdicts = world.take_together({{0, world.initiation(5, 2), from_port(1)},
                                               {0, world.initiation(5, 2), from_port(2)},
                                               {0, world.initiation(5, 3), from_port(3)},
                                               {0, world.initiation(4, 2), from_port(4)}});
    CHECK(verdicts == std::vector{Verdict::initiation_accepted, Verdict::replayed, Verdict::flood,
                                  Verdict::initiation_accepted});
    CHECK(world.gateway.plane.at(5).endpoint.remote_port == 1);
}

TEST_CASE("a handshake that a message of the batch has ended is over for the next") {
    World world(2);
    const auto response = world.response(0);
    const auto verdicts = world.take_together({{0, world.forged(response, 50), from_port(1)},
                                               {0, response, from_port(2)},
                                               {0, world.response(0), from_port(3)}});
    CHECK(verdicts == std::vector{Verdict::bad_response, Verdict::response_accepted, Verdict::no_handshake});
    CHECK(world.gateway.plane.at(0).endpoint.remote_port == 2);
}

TEST_CASE("a storm of more messages than a batch holds is answered whole") {
    constexpr PeerId kMany = 3 * Engine::kBatch + 5;
    Network network(3);
    Gateway& gateway = network.add_gateway();
    network.passes = [](const Datagram&) { return false; };
    SeededRandom random(3);
    std::vector<Message> messages;
    for (PeerId id = 0; id < kMany; ++id) {
        const auto peer = crypto::LocalIdentity::from(make_private_key(random));
        gateway.plane.at(id).endpoint = from_port(1);
        REQUIRE(gateway.engine.add_peer(0, id, peer.public_key, {}, 0, network.now()));
        messages.push_back(
            {0, make_initiation(peer, gateway.public_key(), timestamp(1), random), from_port(1)});
    }
    std::vector<HandshakeArrival> arrivals;
    for (const Message& message : messages)
        arrivals.push_back({message.tunnel, message.bytes, message.from});
    std::vector<Verdict> verdicts(kMany);
    gateway.engine.on_handshake_messages(arrivals, verdicts, network.now());
    CHECK(std::ranges::count(verdicts, Verdict::initiation_accepted) == kMany);
    CHECK(gateway.count_sent(crypto::MessageType::response) == kMany);
    CHECK(gateway.plane.session_count() == kMany);
}

}  // namespace
}  // namespace ringway::control::protocol::test
