// In-band messages (P14): to a peer by its key, in order with its packets, and nothing else.

#include <doctest/doctest.h>

#include "crypto/messages.h"
#include "dataplane/in_band.h"
#include "tests/dataplane/in_band.h"
#include "tests/dataplane/packet_table.h"
#include "tests/support/flow.h"

namespace ringway::tests {

using namespace std::chrono_literals;
using control::MessageRefusal;
using Texts = std::vector<std::string>;

namespace {

using R = DropReason;

bool send(TestGateway& from, const TestGateway& to, const std::string& text) {
    return from.core().send_message(from.peer(to), bytes_of(text)).has_value();
}

MessageRefusal refusal(TestGateway& from, const TestGateway& to, std::size_t bytes) {
    const auto sent = from.core().send_message(from.peer(to), Bytes(bytes, 'x'));
    REQUIRE_FALSE(sent.has_value());
    return sent.error();
}

Bytes good() {
    return message_with(bytes_of("hello"));
}

const std::vector<DropCase> kMalformed{
    {"another first byte", kWan, [](Bench& t) { return t.wan_frame(t.sealed(with(good(), 0, 0xf6))); },
     R::inner_malformed},
    {"another last byte of the magic", kWan,
     [](Bench& t) { return t.wan_frame(t.sealed(with(good(), 3, 'N'))); }, R::inner_malformed},
    {"three bytes of the magic", kWan, [](Bench& t) { return t.wan_frame(t.sealed(cut(good(), 3))); },
     R::inner_malformed},
    {"the magic alone", kWan, [](Bench& t) { return t.wan_frame(t.sealed(cut(good(), 4))); },
     R::in_band_bad_length},
    {"a header cut short", kWan, [](Bench& t) { return t.wan_frame(t.sealed(cut(good(), 15))); },
     R::in_band_bad_length},
    {"a header alone", kWan, [](Bench& t) { return t.wan_frame(t.sealed(cut(good(), 16))); },
     R::in_band_bad_length},
    {"no payload", kWan, [](Bench& t) { return t.wan_frame(t.sealed(with(cut(good(), 16), 7, 0))); },
     R::in_band_bad_length},
    {"one byte less than it says", kWan, [](Bench& t) { return t.wan_frame(t.sealed(cut(good(), 20))); },
     R::in_band_bad_length},
    {"sixteen bytes of padding", kWan,
     [](Bench& t) {
         Bytes padded = good();
         padded.resize(16 + 5 + 16);
         return t.wan_frame(t.sealed(padded));
     },
     R::in_band_bad_length},
    {"a length beyond the packet", kWan,
     [](Bench& t) { return t.wan_frame(t.sealed(with(good(), 6, 0xff))); }, R::in_band_bad_length},
    {"a payload over the limit", kWan,
     [](Bench& t) {
         return t.wan_frame(t.sealed(message_with(Bytes(dataplane::kMaxInBandPayload + 1, 'x'))));
     },
     R::in_band_bad_length},
    {"version 0", kWan, [](Bench& t) { return t.wan_frame(t.sealed(with(good(), 4, 0))); },
     R::in_band_unknown_version},
    {"version 2", kWan, [](Bench& t) { return t.wan_frame(t.sealed(with(good(), 4, 2))); },
     R::in_band_unknown_version},
    {"kind 0", kWan, [](Bench& t) { return t.wan_frame(t.sealed(with(good(), 5, 0))); },
     R::in_band_unknown_kind},
    {"kind 2", kWan, [](Bench& t) { return t.wan_frame(t.sealed(with(good(), 5, 2))); },
     R::in_band_unknown_kind},
    {"a wrong tag", kWan,
     [](Bench& t) {
         Bytes message = t.sealed(good());
         return t.wan_frame(flipped(message, message.size() - 1));
     },
     R::auth_failed},
};

}  // namespace

TEST_CASE("a message that is not as it must be is dropped by name") {
    expect_drops(kMalformed);
}

TEST_CASE("whatever an authentic peer puts into a message, every packet is accounted for") {
    Bench bench;
    SeededRandom random(14);
    const std::uint64_t before = bench.a.totals().consumed;
    constexpr std::uint64_t kMessages = 3'000;
    for (std::uint64_t i = 0; i < kMessages; ++i) {
        Bytes plaintext = good();
        for (std::uint32_t n = random.below(3); n > 0; --n)
            plaintext[random.below(10)] = static_cast<std::uint8_t>(random.next_u32());
        if (random.below(4) == 0) plaintext.resize(random.below(64) + 1);
        REQUIRE(bench.a.receive(kWan, bench.wan_frame(bench.sealed(plaintext))));
        if (i % 8 != 0) continue;
        for (int n = 0; n < 4; ++n)
            (void)bench.a.step();
        (void)bench.a.take_lan();
        for (dataplane::HostIndex host = 0; host < 3; ++host)
            (void)bench.a.take_host(host);
    }
    bench.network.settle();
    for (dataplane::HostIndex host = 0; host < 3; ++host)
        (void)bench.a.take_host(host);
    const std::uint64_t read = bench.a.totals().consumed - before;
    CHECK(read > kMessages / 10);
    CHECK(bench.a.totals().dropped() > kMessages / 10);
    CHECK(bench.a.plane().in_flight() == 0);
    CHECK(bench.network.accounts_balance());
    CHECK(bench.a.core().inbox().count() == control::Inbox::kMaxOfPeer);
    CHECK(bench.a.packets_in_use() == 0);
}

TEST_CASE("a message comes once: a replay is dropped before it is read") {
    Bench bench;
    const Bytes frame = bench.wan_frame(bench.sealed(good()));
    REQUIRE(bench.a.receive(kWan, frame));
    REQUIRE(bench.a.receive(kWan, frame));
    bench.network.settle();
    CHECK(texts(bench.a, bench.b) == Texts{"hello"});
    CHECK(bench.network.drop_names() == "replayed=1");
    CHECK(bench.network.accounts_balance());
}

TEST_CASE("messages pass both ways before there is a session, an address or an allowed IP") {
    for (const Family outer : {Family::v4, Family::v6}) {
        TestNetwork network;
        TestGateway& a = network.add({.number = 1});
        TestGateway& b = network.add({.number = 2});
        TestNetwork::join(a, b, {.endpoint = outer});
        for (auto& [one, other] : {std::pair<TestGateway&, TestGateway&>{a, b}, {b, a}}) {
            const auto allowed = one.core().peer(one.peer(other))->allowed_ips;
            for (const dataplane::IpPrefix& prefix : allowed)
                REQUIRE(one.core().remove_allowed_ip(one.peer(other), prefix));
        }
        const auto before = a.totals();
        const auto id = a.core().send_message(a.peer(b), bytes_of("ping"));
        REQUIRE(id.has_value());
        CHECK(a.plane().in_flight() == 1);
        CHECK(a.accounts_balance());
        (void)dataplane::poll(a.lcore(0));
        CHECK(a.plane().waiting.held() == 1);
        CHECK(a.accounts_balance());
        network.settle();
        REQUIRE(texts(b, a) == Texts{"ping"});
        const control::ReceivedMessage got = b.core().inbox().read(b.peer(a), {}).messages[0];
        CHECK(got.id == *id);
        CHECK(got.received_unix_ns == 1'700'000'000'000'000'000 + network.clock().now());
        REQUIRE(send(b, a, "pong"));
        network.settle();
        CHECK(texts(a, b) == Texts{"pong"});
        CHECK(network.drop_names().empty());
        CHECK(network.accounts_balance());
        // Handshake and message went; nothing but messages for the control side came.
        CHECK(a.totals().made_here - before.made_here >= 2);
        CHECK(a.totals().to_host == before.to_host);
    }
}

TEST_CASE("the longest message passes, a longer one is refused, and none exceeds the MTU") {
    TestNetwork network;
    TestGateway& a = network.add({.number = 1});
    TestGateway& b = network.add({.number = 2});
    TestNetwork::join(a, b);
    CHECK(refusal(a, b, 0) == MessageRefusal::bad_length);
    CHECK(refusal(a, b, dataplane::kMaxInBandPayload + 1) == MessageRefusal::bad_length);
    for (const std::size_t bytes :
         {std::size_t{1}, std::size_t{15}, std::size_t{16}, std::size_t{17}, dataplane::kMaxInBandPayload}) {
        network.start_capture();
        const std::string text(bytes, 'y');
        REQUIRE(send(a, b, text));
        network.settle();
        CHECK(texts(b, a).back() == text);
        const std::size_t sealed = payload_of(packet_of(network.captured().back().frame)).size();
        CHECK(sealed == (16 + bytes + 15) / 16 * 16 + crypto::kTransportMinimumBytes);
    }
    CHECK(dataplane::max_in_band_payload(1420) == 1024);
    CHECK(dataplane::max_in_band_payload(576) == 560);
    CHECK(dataplane::max_in_band_payload(10) == 0);
    a.plane().tunnels[TestGateway::kTunnel]->mtu = 576;
    CHECK(refusal(a, b, 561) == MessageRefusal::bad_length);
    REQUIRE(send(a, b, std::string(560, 'z')));
    network.settle();
    CHECK(texts(b, a).back().size() == 560);
    CHECK(network.drop_names().empty());
    CHECK(network.accounts_balance());
}

TEST_CASE("a message keeps its place among the packets of its peer") {
    TestNetwork network;
    TestGateway& a = network.add({.number = 1});
    TestGateway& b = network.add({.number = 2});
    TestNetwork::join(a, b);
    NumberedFlow flow(a, b, 1);
    network.start_capture();
    // Before the session and with it.
    for (const int rounds : {3, 3}) {
        for (int i = 0; i < rounds; ++i) {
            REQUIRE(a.receive_from_lan(flow.next()));
            (void)dataplane::poll(a.lcore(0));
            REQUIRE(send(a, b, "between"));
            (void)dataplane::poll(a.lcore(0));
        }
        network.settle();
    }
    std::vector<std::size_t> sizes;
    std::uint64_t counter = 0;
    for (const Captured& captured : network.captured()) {
        const Bytes packet = packet_of(captured.frame);
        const auto message = payload_of(packet);
        if (captured.from != 1 || message[0] != 4 || message.size() <= crypto::kTransportMinimumBytes)
            continue;
        sizes.push_back(message.size() - crypto::kTransportMinimumBytes);
        CHECK(message[8] == counter++);
    }
    // A packet of 28 + 8 bytes, then 16 + 7 of the message, each padded, and so on.
    CHECK(sizes == std::vector<std::size_t>{48, 32, 48, 32, 48, 32, 48, 32, 48, 32, 48, 32});
    CHECK(texts(b, a).size() == 6);
    for (const Bytes& packet : b.take_lan())
        CHECK(flow.arrived(packet));
    CHECK(flow.under_way() == 0);
    CHECK(network.drop_names().empty());
}

TEST_CASE("without an endpoint a message is refused; once the peer has called it passes") {
    TestNetwork network;
    TestGateway& a = network.add({.number = 1});
    TestGateway& b = network.add({.number = 2});
    (void)a.add_peer(b, {.endpoint = std::nullopt});
    (void)b.add_peer(a);
    CHECK(refusal(a, b, 5) == MessageRefusal::no_endpoint);
    CHECK(a.plane().in_flight() == 0);
    REQUIRE(send(b, a, "here I am"));
    network.settle();
    REQUIRE(send(a, b, "there you are"));
    network.settle();
    CHECK(texts(b, a) == Texts{"there you are"});
    CHECK(network.drop_names().empty());
}

TEST_CASE("a message to a peer that never answers ends as a counted drop") {
    TestNetwork network;
    TestGateway& a = network.add({.number = 1});
    TestGateway& b = network.add({.number = 2});
    TestNetwork::join(a, b);
    network.set_tap([](unsigned, const Bytes&) { return std::vector<Bytes>{}; });
    REQUIRE(send(a, b, "hello?"));
    network.pass(30s);
    CHECK(network.drop_names().empty());
    network.pass(100s);
    CHECK(network.drop_names() == "staging_abandoned=1");
    CHECK(a.plane().peers[a.peer(b)].drops.count() == 1);
    CHECK(network.accounts_balance());
    CHECK(a.packets_in_use() == 0);
}

TEST_CASE("messages that the home lcore does not take are refused, and those queued all arrive") {
    TestNetwork network;
    TestGateway& a = network.add({.number = 1});
    TestGateway& b = network.add({.number = 2});
    TestNetwork::join(a, b);
    for (std::size_t i = 0; i < dataplane::RxStage::kMaxMessages; ++i)
        REQUIRE(send(a, b, "m" + std::to_string(i)));
    CHECK(refusal(a, b, 1) == MessageRefusal::queue_full);
    CHECK(a.plane().in_flight() == dataplane::RxStage::kMaxMessages);
    CHECK(a.accounts_balance());
    (void)dataplane::poll(a.lcore(0));
    REQUIRE(send(a, b, "last"));
    network.settle();
    // More at once than b takes of one peer: the newest of them are dropped, and what was read has come in
    // order.
    const Texts got = texts(b, a);
    CHECK(got.size() == control::Inbox::kMaxOfPeer);
    CHECK(b.drops(R::in_band_queue_full) + b.totals().consumed >= dataplane::RxStage::kMaxMessages + 1);
    CHECK(network.accounts_balance());
    CHECK(a.packets_in_use() + b.packets_in_use() == 0);
}

TEST_CASE("a peer that floods fills its own share of the queue; another's message still gets in") {
    Bench bench;
    TestGateway& a = bench.a;
    REQUIRE(bench.c.core().send_message(bench.c.peer(a), bytes_of("first")).has_value());
    bench.network.settle();
    for (std::size_t i = 0; i < dataplane::kInBandQueueOfPeer + 5; ++i)
        REQUIRE(a.receive(kWan, bench.wan_frame(bench.sealed(good()))));
    // The control side is busy elsewhere.
    for (int i = 0; i < 4; ++i)
        (void)dataplane::poll(a.lcore(0));
    CHECK(a.drop_names() == "in_band_queue_full=5");
    CHECK(a.plane().messages.size() == dataplane::kInBandQueueOfPeer);
    CHECK(a.plane().in_flight() == dataplane::kInBandQueueOfPeer);
    CHECK(a.accounts_balance());
    REQUIRE(bench.c.core().send_message(bench.c.peer(a), bytes_of("second")).has_value());
    for (int i = 0; i < 4; ++i) {
        (void)bench.c.step();
        (void)bench.network.move_frames();
        (void)dataplane::poll(a.lcore(0));
    }
    CHECK(a.drops(R::in_band_queue_full) == 5);
    bench.network.settle();
    CHECK(texts(a, bench.c) == Texts{"first", "second"});
    CHECK(texts(a, bench.b).size() == dataplane::kInBandQueueOfPeer);
    CHECK(bench.network.accounts_balance());
    CHECK(a.packets_in_use() == 0);
}

TEST_CASE("a full queue of all refuses by name, and what a peer may have waiting comes back") {
    Bench bench;
    TestGateway& a = bench.a;
    dataplane::Peer& peer = a.plane().peers[a.peer(bench.b)];
    std::vector<rte_mbuf*> fillers;
    while (rte_mbuf* filler = a.plane().make_packet()) {
        fillers.push_back(filler);
        if (!a.plane().messages.push(filler)) break;
    }
    REQUIRE(fillers.size() == a.plane().messages.capacity() + 1);
    REQUIRE(a.receive(kWan, bench.wan_frame(bench.sealed(good()))));
    for (int i = 0; i < 4; ++i)
        (void)dataplane::poll(a.lcore(0));
    CHECK(a.drop_names() == "in_band_queue_full=1");
    CHECK(peer.messages_waiting.load() == 0);
    for (rte_mbuf* filler : fillers) {
        rte_mbuf* out = nullptr;
        (void)a.plane().messages.pop(out);
        rte_pktmbuf_free(filler);
    }
    CHECK(a.accounts_balance());
}

TEST_CASE("a message of a peer that is removed meanwhile is dropped, and its place waits for that") {
    Bench bench;
    TestGateway& a = bench.a;
    const PeerIndex gone = a.peer(bench.b);
    const std::size_t free_before = a.core().free_peers();
    REQUIRE(a.receive(kWan, bench.wan_frame(bench.sealed(good()))));
    bench.network.settle();
    REQUIRE(a.core().inbox().count() == 1);
    REQUIRE(a.receive(kWan, bench.wan_frame(bench.sealed(good()))));
    for (int i = 0; i < 4; ++i)
        (void)dataplane::poll(a.lcore(0));
    REQUIRE(a.plane().messages.size() == 1);
    // As if another of its messages were still in the queue.
    a.plane().peers[gone].messages_waiting.fetch_add(1);
    a.core().remove_peer(gone);
    CHECK(a.core().inbox().count() == 0);
    bench.network.settle();
    bench.network.pass(1s);
    CHECK(a.core().free_peers() == free_before);
    a.plane().peers[gone].messages_waiting.fetch_sub(1);
    bench.network.pass(1s);
    CHECK(a.drop_names() == "in_band_peer_removed=1");
    CHECK(a.core().free_peers() == free_before + 1);
    CHECK(a.core().inbox().count() == 0);
    CHECK(a.accounts_balance());
    CHECK(a.packets_in_use() == 0);
}

TEST_CASE("a message posted before its peer is removed goes to nobody else") {
    Bench bench;
    TestGateway& a = bench.a;
    REQUIRE(send(a, bench.c, "for c alone"));  // no session yet: it will be staged
    a.core().remove_peer(a.peer(bench.c));
    bench.network.settle();
    bench.network.pass(1s);
    CHECK(a.drop_names() == "staging_abandoned=1");
    CHECK(a.accounts_balance());
    CHECK(a.packets_in_use() == 0);
}

}  // namespace ringway::tests
