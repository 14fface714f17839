// Once configured, the engine never allocates: not for handshakes, not for timers, not in a flood.

#include <doctest/doctest.h>

#include <algorithm>
#include <array>

#include "control/protocol/durations.h"
#include "control/protocol/engine.h"
#include "tests/control/protocol/network.h"
#include "tests/support/allocation_count.h"

namespace ringway::control::protocol::test {
namespace {

/// A plane of arrays. Sessions and indices are slots; what is sent waits in an outbox.
class ArrayPlane final : public Plane {
  public:
    static constexpr std::size_t kSlots = 64;
    struct Message {
        std::array<std::uint8_t, sizeof(crypto::MessageInitiation)> bytes;
        std::size_t size = 0;
        PeerId peer = 0;
    };

    std::optional<crypto::ReceiverIndex> reserve_index(PeerId peer) override {
        const auto free = std::ranges::find(holders_, kFree);
        if (free == holders_.end()) return std::nullopt;
        *free = peer;
        return crypto::ReceiverIndex{crypto::Le32(static_cast<std::uint32_t>(free - holders_.begin()))};
    }
    std::optional<PeerId> find_index(crypto::ReceiverIndex index) const override {
        const std::uint32_t slot = index.value.host();
        if (slot >= kSlots || holders_[slot] == kFree) return std::nullopt;
        return holders_[slot];
    }
    void release_index(crypto::ReceiverIndex index) override { holders_[index.value.host()] = kFree; }
    SessionId install_session(PeerId, const NewSession& session, crypto::TransportKeys keys) override {
        const SessionId id = session.local_index.value.host();
        keys_[id] = std::move(keys);
        last_session = id;
        return id;
    }
    void set_sending(PeerId, SessionId) override {}
    void retire_session(PeerId, SessionId session) override {
        keys_[session] = {};
        holders_[session] = kFree;
    }
    bool has_endpoint(PeerId) const override { return true; }
    bool send_to_peer(PeerId peer, std::span<const std::uint8_t> message) override {
        post(peer, message);
        return true;
    }
    void send_to(TunnelId, const dataplane::Endpoint&, std::span<const std::uint8_t> message) override {
        post(0, message);
    }
    void send_keepalive(PeerId) override { ++keepalives; }
    void drop_staged(PeerId) override { ++drops; }
    void set_endpoint(PeerId, const dataplane::Endpoint&) override {}
    void clear_endpoint_source(PeerId) override {}
    PeerActivity activity(PeerId) const override { return stamps; }
    void note_authenticated_sent(PeerId, Nanoseconds now) override { stamps.last_traversal = now; }
    void note_authenticated_received(PeerId, Nanoseconds now) override { stamps.last_traversal = now; }
    void set_watched(PeerId, bool) override {}

    /// The messages for peer 0 since the last call; the others answer nothing.
    std::span<const Message> take() {
        taken_ = outbox_;
        return {taken_.data(), std::exchange(waiting_, 0)};
    }

    PeerActivity stamps;
    SessionId last_session = kNoSession;
    std::size_t keepalives = 0;
    std::size_t drops = 0;

  private:
    static constexpr PeerId kFree = 0xffffffff;

    void post(PeerId peer, std::span<const std::uint8_t> message) {
        if (peer != 0 || waiting_ == kSlots) return;
        Message& slot = outbox_[waiting_++];
        std::ranges::copy(message, slot.bytes.begin());
        slot.size = message.size();
    }

    std::array<PeerId, kSlots> holders_ = [] {
        std::array<PeerId, kSlots> free{};
        free.fill(kFree);
        return free;
    }();
    std::array<crypto::TransportKeys, kSlots> keys_;
    std::array<Message, kSlots> outbox_;
    std::array<Message, kSlots> taken_;
    std::size_t waiting_ = 0;
};

constexpr PeerId kDeadPeers = 7;

struct End {
    explicit End(std::uint64_t seed) : random(seed) {
        engine.add_tunnel(0, make_private_key(random));
        for (PeerId id = 1; id <= kDeadPeers; ++id) {
            const auto dead = crypto::LocalIdentity::from(make_private_key(random));
            REQUIRE(engine.add_peer(0, id, dead.public_key, {}, 0, 1));
        }
    }
    SeededRandom random;
    ArrayPlane plane;
    Engine engine{
        {.max_peers = 8, .max_tunnels = 1}, plane, random, [] { return 1'700'000'000'000'000'000ULL; }};
    std::array<std::size_t, kVerdicts> verdicts{};
};

const dataplane::Endpoint kFrom{.remote = {.bytes = {10, 0, 0, 1}}, .remote_port = 9};

void deliver(End& from, End& to, Nanoseconds now) {
    for (const ArrayPlane::Message& message : from.plane.take()) {
        const std::span bytes(message.bytes.data(), message.size);
        ++to.verdicts[static_cast<std::size_t>(to.engine.on_handshake_message(0, bytes, kFrom, now))];
    }
}

TEST_CASE("no allocation in handshakes, cookies, timers, floods and their failures") {
    auto one = std::make_unique<End>(1);
    auto two = std::make_unique<End>(2);
    REQUIRE(one->engine.add_peer(0, 0, two->engine.identity(0)->public_key, {}, 25, 1));
    REQUIRE(two->engine.add_peer(0, 0, one->engine.identity(0)->public_key, {}, 0, 1));
    const auto stranger = crypto::LocalIdentity::from(make_private_key(one->random));
    const Bytes flood = make_initiation(stranger, two->engine.identity(0)->public_key, {}, one->random);
    Bytes noise = flood;
    noise[30] ^= 1;

    const std::size_t before = tests::allocations_of_this_thread();
    const Nanoseconds start = ns(1h);
    for (Nanoseconds now = start; now < start + ns(1h); now += ns(100ms)) {
        const Nanoseconds second = (now - start) / ns(1s);
        one->engine.poll(now);
        two->engine.poll(now);
        const bool loaded = second % 100 > 80;
        two->engine.note_queue_depth(0, loaded ? 4096 : 0, now);
        deliver(*one, *two, now);
        deliver(*two, *one, now);
        deliver(*one, *two, now);
        if (two->plane.last_session != kNoSession) two->engine.on_confirmed(0, two->plane.last_session, now);
        for (const Bytes* bad : std::initializer_list<const Bytes*>{&flood, &noise}) {
            ++two->verdicts[static_cast<std::size_t>(two->engine.on_handshake_message(0, *bad, kFrom, now))];
        }
        const std::array together = {HandshakeArrival{0, flood, kFrom}, HandshakeArrival{0, noise, kFrom},
                                     HandshakeArrival{0, flood, kFrom}};
        std::array<Verdict, together.size()> verdicts;
        two->engine.on_handshake_messages(together, verdicts, now);
        for (const Verdict verdict : verdicts)
            ++two->verdicts[static_cast<std::size_t>(verdict)];
        if (second % 200 == 0) {
            for (PeerId id = 0; id <= kDeadPeers; ++id)
                one->engine.on_session_wanted(id, now);
        }
        one->plane.stamps.unanswered_since = second % 50 == 0 ? now : 0;
        one->plane.stamps.keepalive_owed_since = second % 30 == 0 ? now - ns(5s) : 0;
        one->engine.on_activity(0, now);
        one->engine.on_receive_aging(0, now);
    }
    CHECK(tests::allocations_of_this_thread() == before);

    // It did go through all that.
    const auto count = [](const End& end, Verdict verdict) {
        return end.verdicts[static_cast<std::size_t>(verdict)];
    };
    CHECK(count(*one, Verdict::response_accepted) > 20);
    CHECK(count(*one, Verdict::cookie_accepted) > 0);
    CHECK(count(*two, Verdict::initiation_accepted) > 20);
    CHECK(count(*two, Verdict::unknown_peer) > 1000);
    CHECK(count(*two, Verdict::bad_mac1) > 1000);
    CHECK(count(*two, Verdict::cookie_sent) > 1000);
    CHECK(one->plane.keepalives > 20);
    CHECK(one->plane.drops > 0);
}

TEST_CASE("the allocation count counts") {
    const std::size_t before = tests::allocations_of_this_thread();
    const auto peer = std::make_unique<End>(3);
    CHECK(tests::allocations_of_this_thread() > before);
}

}  // namespace
}  // namespace ringway::control::protocol::test
