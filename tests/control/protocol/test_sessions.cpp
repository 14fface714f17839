// Handshakes and the rotation of sessions, end to end between engines.

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/control/protocol/network.h"

namespace ringway::control::protocol::test {
namespace {

using crypto::MessageType;

TEST_CASE("one round trip makes a session on both ends, with crossed keys") {
    Pair pair;
    pair.handshake();
    CHECK(pair.b.count(Verdict::initiation_accepted) == 1);
    CHECK(pair.a.count(Verdict::response_accepted) == 1);
    const auto& a = pair.a.plane.session(pair.a.status().current.value().id);
    const auto& b = pair.b.plane.session(pair.b.status().current.value().id);
    CHECK(a.keys.send.equals(b.keys.receive));
    CHECK(a.keys.receive.equals(b.keys.send));
    CHECK_FALSE(a.keys.send.equals(a.keys.receive));
    CHECK(a.about.is_initiator);
    CHECK_FALSE(b.about.is_initiator);
    CHECK(a.about.local_index == b.about.remote_index);
    CHECK(b.about.local_index == a.about.remote_index);
}

TEST_CASE("the initiator confirms with a keepalive if nothing was staged") {
    Pair pair;
    pair.handshake();
    CHECK(pair.a.keepalives_sent() == 1);
    CHECK(pair.b.keepalives_sent() == 0);
    CHECK(pair.b.plane.at(0).keepalives_received == 1);
}

TEST_CASE("what was staged leaves first and in order, and confirms without a keepalive") {
    Pair pair;
    for (std::uint8_t mark = 1; mark <= 5; ++mark)
        pair.a.plane.send_data(0, mark);
    pair.network.run(1s);
    CHECK(pair.a.keepalives_sent() == 0);
    CHECK(pair.b.plane.at(0).marks_received == std::vector<std::uint8_t>{1, 2, 3, 4, 5});
    CHECK(pair.b.status().current.has_value());
}

TEST_CASE("a responder does not send on a session before its first authentic packet") {
    Pair pair;
    pair.network.passes = [](const Datagram& datagram) { return datagram.type() != MessageType::transport; };
    pair.a.engine.on_session_wanted(0, pair.network.now());
    pair.network.run(1s);
    CHECK_FALSE(pair.b.status().current);
    CHECK(pair.b.status().next);
    CHECK(pair.b.plane.at(0).sending == kNoSession);
    CHECK(pair.b.status().last_handshake_unix_ns == 0);

    pair.b.plane.send_data(0);
    pair.network.run(1s);
    CHECK(pair.b.plane.at(0).staged.size() == 1);

    pair.network.passes = [](const Datagram&) { return true; };
    pair.a.plane.send_data(0);
    pair.network.run(1s);
    CHECK_FALSE(pair.b.status().next);
    CHECK(pair.b.status().current);
    CHECK(pair.a.plane.at(0).data_received == 1);
    CHECK(pair.b.status().last_handshake_unix_ns != 0);
}

TEST_CASE("a rekey keeps the old session as previous on both ends and retires the one before") {
    Pair pair;
    pair.handshake();
    const SessionId a0 = pair.a.status().current->id;
    const SessionId b0 = pair.b.status().current->id;
    pair.network.run(10s);
    pair.handshake();
    const SessionId a1 = pair.a.status().current->id;
    CHECK(pair.a.status().previous->id == a0);
    CHECK(pair.b.status().previous->id == b0);
    pair.network.run(10s);
    pair.handshake();
    CHECK(pair.a.status().previous->id == a1);
    CHECK(pair.a.plane.at(0).retired == std::vector<SessionId>{a0});
    CHECK(pair.b.plane.at(0).retired == std::vector<SessionId>{b0});
    CHECK(pair.a.plane.session_count() == 2);
    CHECK(pair.b.plane.session_count() == 2);
}

TEST_CASE("a responder drops its previous session as soon as it has a next one") {
    Pair pair;
    pair.handshake();
    pair.network.run(10s);
    pair.handshake();
    pair.network.run(10s);
    REQUIRE(pair.b.status().previous);
    const SessionId current = pair.b.status().current->id;
    pair.network.passes = [](const Datagram& datagram) { return datagram.type() == MessageType::initiation; };
    pair.a.engine.on_session_wanted(0, pair.network.now());
    pair.network.run(1s);
    CHECK_FALSE(pair.b.status().previous);
    CHECK(pair.b.status().current->id == current);
    CHECK(pair.b.status().next);
    CHECK(pair.b.plane.session_count() == 2);
}

TEST_CASE("an initiator with a next session keeps that one as previous, and retires current") {
    Pair pair;
    pair.handshake();
    const SessionId first = pair.a.status().current->id;
    pair.network.run(10s);
    pair.a.engine.on_session_wanted(0, pair.network.now());
    pair.b.engine.on_session_wanted(0, pair.network.now());
    pair.network.run(1s);
    REQUIRE(pair.a.status().previous);
    CHECK_FALSE(pair.a.status().previous->is_initiator);
    CHECK(pair.a.status().current->is_initiator);
    CHECK_FALSE(pair.a.status().next);
    CHECK(pair.a.plane.at(0).retired == std::vector<SessionId>{first});
}

TEST_CASE("a repeated initiation replaces the responder's next session") {
    Pair pair;
    pair.network.passes = [](const Datagram& datagram) { return datagram.type() == MessageType::initiation; };
    pair.a.engine.on_session_wanted(0, pair.network.now());
    pair.network.run(6s);
    CHECK(pair.b.count(Verdict::initiation_accepted) == 2);
    CHECK(pair.b.plane.session_count() == 1);
    CHECK(pair.b.plane.at(0).retired.size() == 1);
}

TEST_CASE("a late confirmation of a replaced session changes nothing") {
    Pair pair;
    pair.handshake();
    const auto before = pair.b.status();
    pair.b.engine.on_confirmed(0, 4711, pair.network.now());
    pair.b.engine.on_confirmed(77, before.current->id, pair.network.now());
    CHECK(pair.b.status().current->id == before.current->id);
    CHECK_FALSE(pair.b.status().previous);

    pair.network.run(10s);
    pair.network.passes = [](const Datagram& datagram) { return datagram.type() == MessageType::initiation; };
    pair.a.engine.on_session_wanted(0, pair.network.now());
    pair.network.run(1s);
    const SessionId next = pair.b.status().next->id;
    pair.b.engine.on_confirmed(0, next - 1, pair.network.now());
    CHECK(pair.b.status().current->id == before.current->id);
    pair.b.engine.on_confirmed(0, next, pair.network.now());
    CHECK(pair.b.status().current->id == next);
}

TEST_CASE("both ends beginning at once settle on one session without a retry") {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        CAPTURE(seed);
        Pair pair(seed);
        pair.a.plane.send_data(0, 11);
        pair.b.plane.send_data(0, 22);
        pair.network.run(1s);
        REQUIRE(pair.a.status().current);
        REQUIRE(pair.b.status().current);
        CHECK(pair.a.status().current->is_initiator);
        CHECK_FALSE(pair.b.status().current->is_initiator);
        CHECK(pair.a.plane.at(0).marks_received == std::vector<std::uint8_t>{22});
        CHECK(pair.b.plane.at(0).marks_received == std::vector<std::uint8_t>{11});
        pair.network.run(60s);
        CHECK(pair.a.count_sent(MessageType::initiation) == 1);
        CHECK(pair.b.count_sent(MessageType::initiation) == 1);
        CHECK(pair.a.plane.handshake_indices() == 0);
        CHECK(pair.b.plane.handshake_indices() == 0);
    }
}

TEST_CASE("an end whose response came to nothing goes on with its own handshake") {
    Pair pair;
    pair.network.passes = [&](const Datagram& datagram) {
        return datagram.from.remote == pair.a.address.remote;
    };
    pair.b.plane.session_limit = 0;
    pair.a.plane.send_data(0);
    pair.b.plane.send_data(0);
    pair.network.run(1s);
    CHECK(pair.b.count(Verdict::no_session) == 1);
    CHECK(pair.b.plane.handshake_indices() == 1);
}

TEST_CASE("a session wanted just before it came is not wanted again") {
    Pair pair;
    pair.handshake();
    pair.a.engine.on_session_wanted(0, pair.network.now());
    pair.network.run(20s);
    CHECK(pair.a.count_sent(MessageType::initiation) == 1);
}

TEST_CASE("both ends beginning at once recover when the kept handshake's messages are lost") {
    Pair pair;
    pair.network.passes = [&](const Datagram& datagram) {
        return datagram.from.remote != pair.b.address.remote || datagram.type() != MessageType::response;
    };
    pair.a.plane.send_data(0, 11);
    pair.b.plane.send_data(0, 22);
    pair.network.run(1s);
    pair.network.passes = [](const Datagram&) { return true; };
    pair.network.run(12s);
    CHECK(pair.a.plane.at(0).marks_received == std::vector<std::uint8_t>{22});
    CHECK(pair.b.plane.at(0).marks_received == std::vector<std::uint8_t>{11});
    CHECK(pair.a.plane.handshake_indices() == 0);
    CHECK(pair.b.plane.handshake_indices() == 0);
}

TEST_CASE("a response confirms its initiation only once, and only to the index that asked") {
    Pair pair;
    pair.handshake();
    const Bytes response = pair.b.last_sent(MessageType::response);
    CHECK(pair.a.receive(response, pair.b.address) == Verdict::no_handshake);
    CHECK(pair.a.plane.session_count() == 1);
}

TEST_CASE("preshared keys that differ make no session, and the initiator says why") {
    Network network;
    Gateway& a = network.add_gateway();
    Gateway& b = network.add_gateway();
    SeededRandom random(5);
    crypto::PresharedKey shared;
    random.fill(shared.span());
    a.add_peer(b, true, shared.copy());
    b.add_peer(a);
    a.plane.send_data(0);
    network.run(4s);
    CHECK(a.count(Verdict::bad_response) == 1);
    CHECK(a.status().problem == PeerProblem::bad_response);
    CHECK_FALSE(a.status().current);
    CHECK_FALSE(b.status().current);

    b.engine.set_preshared_key(0, std::move(shared));
    network.run(6s);
    CHECK(a.status().current);
    CHECK(b.status().current);
    CHECK(a.status().problem == PeerProblem::none);
    CHECK(b.plane.at(0).data_received == 1);
}

TEST_CASE("a peer with a low-order key is taken and stays silent") {
    Network network;
    Gateway& a = network.add_gateway();
    CHECK(a.engine.add_peer(0, 0, crypto::PublicKey{}, {}, 25, network.now()));
    a.plane.at(0).endpoint = {.remote = {.bytes = {10, 0, 0, 99}}, .remote_port = 1};
    a.plane.send_data(0);
    network.run(600s);
    CHECK(a.plane.sent.empty());
    CHECK(a.plane.at(0).staged_dropped == 1);
    CHECK(a.status().problem == PeerProblem::unusable_key);
    CHECK(a.plane.handshake_indices() == 0);
}

TEST_CASE("a peer with our own key is taken and stays silent, both ways") {
    Network network;
    Gateway& a = network.add_gateway();
    a.add_peer(a);
    a.plane.send_data(0);
    network.run(60s);
    CHECK(a.plane.sent.empty());
    CHECK(a.status().problem == PeerProblem::unusable_key);

    // An initiation in our own name, which whoever holds our key could make.
    SeededRandom random(6);
    Gateway& other = network.add_gateway();
    crypto::LocalIdentity own = crypto::LocalIdentity::from(a.engine.identity(0)->private_key.copy());
    const Bytes message = make_initiation(own, other.public_key(), crypto::Tai64n::from_unix(1), random);
    other.engine.set_private_key(0, a.engine.identity(0)->private_key.copy());
    CHECK(other.receive(message, a.address) == Verdict::bad_mac1);
}

TEST_CASE("a peer without an endpoint costs no handshake until it is heard") {
    Network network;
    Gateway& server = network.add_gateway();
    Gateway& client = network.add_gateway();
    server.add_peer(client, false);
    client.add_peer(server);
    server.plane.send_data(0);
    network.run(10s);
    CHECK(server.plane.sent.empty());
    CHECK(server.status().problem == PeerProblem::no_endpoint);
    CHECK(server.plane.at(0).staged_dropped == 1);
    CHECK(server.engine.last_timestamp_sent() == crypto::Tai64n{});

    client.plane.send_data(0);
    network.run(1s);
    server.plane.send_data(0);
    network.run(1s);
    CHECK(client.plane.at(0).data_received == 1);
}

TEST_CASE("the endpoint follows authentic handshake messages, and no others") {
    Pair pair;
    pair.a.address.remote_port = 4000;
    pair.a.engine.on_session_wanted(0, pair.network.now());
    pair.network.run(1s);
    CHECK(pair.b.plane.at(0).endpoint.remote_port == 4000);

    pair.b.address.remote_port = 5000;
    pair.network.run(10s);
    pair.b.engine.on_session_wanted(0, pair.network.now());
    pair.network.run(1s);
    CHECK(pair.a.plane.at(0).endpoint.remote_port == 5000);

    const Bytes initiation = pair.a.last_sent(MessageType::initiation);
    dataplane::Endpoint elsewhere = pair.a.address;
    elsewhere.remote_port = 666;
    CHECK(pair.b.receive(initiation, elsewhere) == Verdict::replayed);
    const Bytes response = pair.b.last_sent(MessageType::response);
    CHECK(pair.a.receive(response, elsewhere) == Verdict::no_handshake);
    CHECK(pair.b.plane.at(0).endpoint.remote_port == 4000);
    CHECK(pair.a.plane.at(0).endpoint.remote_port == 5000);
}

TEST_CASE("a response from elsewhere moves the endpoint") {
    Pair pair;
    Bytes response;
    pair.network.passes = [&](const Datagram& datagram) {
        if (datagram.type() == MessageType::response) response = datagram.bytes;
        return datagram.type() == MessageType::initiation;
    };
    pair.a.engine.on_session_wanted(0, pair.network.now());
    pair.network.run(1s);
    dataplane::Endpoint elsewhere = pair.b.address;
    elsewhere.remote_port = 5000;
    CHECK(pair.a.receive(response, elsewhere) == Verdict::response_accepted);
    CHECK(pair.a.plane.at(0).endpoint.remote_port == 5000);
}

TEST_CASE("three gateways hold their sessions apart") {
    Network network;
    Gateway& a = network.add_gateway();
    Gateway& b = network.add_gateway();
    Gateway& c = network.add_gateway();
    for (Gateway* one : {&a, &b, &c}) {
        for (Gateway* other : {&a, &b, &c}) {
            if (one != other) one->add_peer(*other);
        }
    }
    for (Gateway* one : {&a, &b, &c}) {
        one->plane.send_data(0);
        one->plane.send_data(1);
    }
    network.run(2s);
    for (Gateway* one : {&a, &b, &c}) {
        CHECK(one->plane.at(0).data_received == 1);
        CHECK(one->plane.at(1).data_received == 1);
        CHECK(one->plane.handshake_indices() == 0);
    }
}

}  // namespace
}  // namespace ringway::control::protocol::test
