// Frames as they come from a port: malformed, misdirected, in pieces.

#include <doctest/doctest.h>

#include "dataplane/packet.h"
#include "tests/dataplane/packet_table.h"

namespace ringway::tests {

namespace {

using R = DropReason;

const std::vector<DropCase> kFrames{
    {"no whole Ethernet header", kLan, [](Bench& t) { return cut(t.lan_frame(t.plain()), 13); },
     R::frame_malformed},
    {"empty IPv4 frame", kLan, [](Bench& t) { return cut(t.lan_frame(t.plain()), 14); }, R::frame_malformed},
    {"IPv4 header cut short", kLan, [](Bench& t) { return cut(t.lan_frame(t.plain()), 33); },
     R::frame_malformed},
    {"IPv6 header cut short", kLan, [](Bench& t) { return cut(t.lan_frame(t.plain(Family::v6)), 53); },
     R::frame_malformed},
    {"IPv4 total length beyond the frame", kLan, [](Bench& t) { return cut(t.lan_frame(t.plain()), 61); },
     R::frame_malformed},
    {"IPv6 payload length beyond the frame", kLan,
     [](Bench& t) {
         const Bytes frame = t.lan_frame(t.plain(Family::v6));
         return cut(frame, frame.size() - 1);
     },
     R::frame_malformed},
    {"IPv4 header length below 20", kLan,
     [](Bench& t) { return t.lan_frame(with_header(t.plain(), 0, 0x44)); }, R::frame_malformed},
    {"IPv4 header length beyond the packet", kLan,
     [](Bench& t) { return t.lan_frame(with(t.plain(), 0, 0x4f)); }, R::frame_malformed},
    {"IPv4 total length below its header", kLan, [](Bench& t) { return t.lan_frame(with(t.plain(), 3, 19)); },
     R::frame_malformed},
    {"an IP version of 5", kLan, [](Bench& t) { return with(t.lan_frame(t.plain()), 14, 0x55); },
     R::frame_malformed},
    {"IPv4 header checksum wrong", kLan, [](Bench& t) { return t.lan_frame(with(t.plain(), 8, 63)); },
     R::header_checksum},
    {"another station's frame", kLan,
     [](Bench& t) {
         return frame({2, 9, 9, 9, 9, 9}, t.a.host_mac(), t.plain());
     },
     R::not_for_us},
    {"our own frame, seen again", kLan,
     [](Bench& t) { return frame(t.a.mac(kLan), t.a.mac(kLan), t.plain()); }, R::outgoing_copy},
};

}  // namespace

TEST_CASE("a malformed frame is dropped by name") {
    expect_drops(kFrames);
}

TEST_CASE("a segmented packet is made whole; without memory for that it is dropped by name") {
    for (const bool memory : {true, false}) {
        CAPTURE(memory);
        Bench bench;
        const Bytes packet = bench.plain();
        const Bytes frame_bytes = bench.lan_frame(packet);
        rte_mbuf* first = bench.a.plane().make_packet();
        rte_mbuf* second = bench.a.plane().make_packet();
        const std::size_t half = 40;
        std::memcpy(rte_pktmbuf_append(first, half), frame_bytes.data(), half);
        const auto rest = static_cast<std::uint16_t>(frame_bytes.size() - half);
        std::memcpy(rte_pktmbuf_append(second, rest), frame_bytes.data() + half, rest);
        REQUIRE(rte_pktmbuf_chain(first, second) == 0);
        std::vector<rte_mbuf*> held;
        if (!memory) {
            // No room to linearise, and nothing to copy into.
            first->data_off = static_cast<std::uint16_t>(first->buf_len - half);
            std::memcpy(dataplane::data(first), frame_bytes.data(), half);
            while (rte_mbuf* packet_held = bench.a.plane().make_packet())
                held.push_back(packet_held);
        }
        REQUIRE(bench.a.device(kLan).receive(first));
        (void)dataplane::poll(bench.a.lcore(0));
        rte_pktmbuf_free_bulk(held.data(), static_cast<unsigned>(held.size()));
        bench.network.settle();
        CHECK(bench.a.drop_names() == (memory ? "" : "mbuf_unusable=1"));
        if (memory) CHECK(bench.b.take_lan() == std::vector<Bytes>{forwarded(forwarded(packet))});
        CHECK(bench.network.accounts_balance());
    }
}

}  // namespace ringway::tests
