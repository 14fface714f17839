// WireGuard messages as they come: lengths, types, indices, tags, counters.

#include <doctest/doctest.h>

#include "tests/dataplane/packet_table.h"

namespace ringway::tests {

using namespace std::chrono_literals;

namespace {

using R = DropReason;

const std::vector<DropCase> kMessages{
    {"no message at all", kWan, [](Bench& t) { return t.wan_frame({}); }, R::message_malformed},
    {"three bytes", kWan,
     [](Bench& t) {
         return t.wan_frame({4, 0, 0});
     },
     R::message_malformed},
    {"type 0", kWan, [](Bench& t) { return t.wan_frame(t.handshake(0, 148)); }, R::message_malformed},
    {"type 5", kWan, [](Bench& t) { return t.wan_frame(t.handshake(5, 148)); }, R::message_malformed},
    {"initiation one byte short", kWan, [](Bench& t) { return t.wan_frame(t.handshake(1, 147)); },
     R::message_malformed},
    {"initiation one byte long", kWan, [](Bench& t) { return t.wan_frame(t.handshake(1, 149)); },
     R::message_malformed},
    {"response one byte short", kWan, [](Bench& t) { return t.wan_frame(t.handshake(2, 91)); },
     R::message_malformed},
    {"response one byte long", kWan, [](Bench& t) { return t.wan_frame(t.handshake(2, 93)); },
     R::message_malformed},
    {"cookie reply one byte short", kWan, [](Bench& t) { return t.wan_frame(t.handshake(3, 63)); },
     R::message_malformed},
    {"cookie reply one byte long", kWan, [](Bench& t) { return t.wan_frame(t.handshake(3, 65)); },
     R::message_malformed},
    {"transport one byte short", kWan, [](Bench& t) { return t.wan_frame(cut(t.sealed({}), 31)); },
     R::message_malformed},
    {"first reserved byte set", kWan, [](Bench& t) { return t.wan_frame(with(t.sealed(t.inner()), 1, 1)); },
     R::message_malformed},
    {"last reserved byte set", kWan, [](Bench& t) { return t.wan_frame(with(t.sealed(t.inner()), 3, 0x80)); },
     R::message_malformed},
    {"initiation with a reserved byte", kWan,
     [](Bench& t) { return t.wan_frame(with(t.handshake(1, 148), 2, 1)); }, R::message_malformed},
    {"UDP length below its header", kWan,
     [](Bench& t) {
         Bytes frame = t.wan_frame(t.sealed(t.inner()));
         frame[14 + 20 + 4] = 0;
         frame[14 + 20 + 5] = 7;
         return frame;
     },
     R::message_malformed},
    {"UDP length beyond the IP packet", kWan,
     [](Bench& t) {
         Bytes frame = t.wan_frame(t.sealed(t.inner()));
         ++frame[14 + 20 + 5];
         return frame;
     },
     R::message_malformed},
    {"an index nobody has", kWan, [](Bench& t) { return t.wan_frame(flipped(t.sealed(t.inner()), 7)); },
     R::unknown_index},
    {"an index of another tunnel", kWan,
     [](Bench& t) {
         std::array<std::uint8_t, 32> key{1};
         control::TunnelSpec other;
         other.private_key = crypto::PrivateKey(key);
         other.listen_port = 51821;
         other.host = TestGateway::kTunnelHost;
         t.a.core().add_tunnel(1, std::move(other));
         return t.wan_frame(t.sealed(t.inner()), Family::v4, 51821);
     },
     R::unknown_index},
    {"a counter at REJECT_AFTER_MESSAGES", kWan,
     [](Bench& t) { return t.wan_frame(t.sealed(t.inner(), crypto::kRejectAfterMessages)); },
     R::session_expired},
    {"a session of REJECT_AFTER_TIME", kWan,
     [](Bench& t) {
         const Bytes message = t.sealed(t.inner());
         // Only a's lcore may notice: its control side would take the session away.
         t.network.clock().advance(180s);
         return t.wan_frame(message);
     },
     R::session_expired},
    {"a tag with one bit wrong", kWan,
     [](Bench& t) {
         Bytes message = t.sealed(t.inner());
         message.back() ^= 1;
         return t.wan_frame(message);
     },
     R::auth_failed},
    {"a counter other than the one it was sealed with", kWan,
     [](Bench& t) {
         Bytes message = t.sealed(t.inner());
         message[8] ^= 1;
         return t.wan_frame(message);
     },
     R::auth_failed},
    {"a keepalive with a forged tag", kWan, [](Bench& t) { return t.wan_frame(flipped(t.sealed({}), 20)); },
     R::auth_failed},
    {"a counter once more", kWan,
     [](Bench& t) {
         const Bytes frame = t.wan_frame(t.sealed(t.inner()));
         REQUIRE(t.a.receive(kWan, frame));
         t.network.settle();
         REQUIRE(t.a.take_lan().size() == 1);
         return frame;
     },
     R::replayed},
    {"a counter behind the window", kWan,
     [](Bench& t) {
         REQUIRE(t.a.receive(kWan, t.wan_frame(t.sealed(t.inner(), 100 + crypto::kReplayWindow + 1))));
         t.network.settle();
         REQUIRE(t.a.take_lan().size() == 1);
         return t.wan_frame(t.sealed(t.inner(), 99));
     },
     R::replayed},
};

}  // namespace

TEST_CASE("a message that is malformed, misdirected, forged or repeated is dropped by name") {
    expect_drops(kMessages);
}

}  // namespace ringway::tests
