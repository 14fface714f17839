#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <sstream>

#include "dataplane/ip_view.h"
#include "tests/support/packets.h"
#include "tests/support/seeded_random.h"
#include "tools/load/chart.h"
#include "tools/load/inner_check.h"
#include "tools/load/inner_headers.h"
#include "tools/load/latency_histogram.h"
#include "tools/load/numbering.h"
#include "tools/load/outstanding.h"
#include "tools/load/pacer.h"
#include "tools/load/rate_search.h"
#include "tools/load/sequence_tracker.h"
#include "tools/load/shares.h"
#include "tools/load/size_mix.h"
#include "tools/load/stamp.h"

namespace ringway::tests {
namespace {

using namespace load;

TEST_CASE("a tracker tells order, lateness, repetition and age") {
    SequenceTracker tracker;
    CHECK(tracker.take(0) == Arrival::in_order);
    CHECK(tracker.take(1) == Arrival::in_order);
    CHECK(tracker.take(5) == Arrival::in_order);
    CHECK(tracker.take(3) == Arrival::late);
    CHECK(tracker.take(3) == Arrival::duplicate);
    CHECK(tracker.take(5) == Arrival::duplicate);
    CHECK(tracker.take(5000) == Arrival::in_order);
    CHECK(tracker.take(5001 - SequenceTracker::kWindow) == Arrival::late);
    CHECK(tracker.take(5000 - SequenceTracker::kWindow) == Arrival::ancient);
}

TEST_CASE("a tracker agrees with a list of all numbers seen") {
    SeededRandom random(3);
    SequenceTracker tracker;
    std::vector<bool> seen(20'000);
    std::uint64_t next = 0;
    for (int i = 0; i < 100'000 && next < seen.size() - 200; ++i) {
        const std::uint64_t number =
            next + random.below(40) - std::min<std::uint64_t>(next, random.below(60));
        const Arrival expected = seen[number]     ? Arrival::duplicate
                                 : number >= next ? Arrival::in_order
                                                  : Arrival::late;
        REQUIRE(tracker.take(number) == expected);
        seen[number] = true;
        next = std::max(next, number + 1);
    }
}

TEST_CASE("the low half of a number is taken for the nearest whole one") {
    SequenceTracker tracker;
    CHECK(tracker.take(0xffff'ffffULL) == Arrival::in_order);
    CHECK(tracker.take_low(0) == Arrival::in_order);
    CHECK(tracker.next() == 0x1'0000'0001ULL);
    CHECK(tracker.take_low(0xffff'ffff) == Arrival::duplicate);
    SequenceTracker fresh;
    CHECK(fresh.take_low(0xffff'ff00) == Arrival::ancient);
}

TEST_CASE("percentiles are right to one part in 64") {
    LatencyHistogram latency;
    for (std::uint64_t i = 1; i <= 100'000; ++i)
        latency.add(i * 10);
    for (const double percent : {1.0, 50.0, 90.0, 99.0, 99.9}) {
        const double exact = percent * 10'000;
        CHECK(static_cast<double>(latency.percentile(percent)) >= exact);
        CHECK(static_cast<double>(latency.percentile(percent)) <= exact * (1 + 1.0 / 64));
    }
    CHECK(latency.percentile(100) == 1'000'000);
    CHECK(latency.max() == 1'000'000);
    CHECK(latency.min() == 10);
    CHECK(latency.mean() == doctest::Approx(500'005));
}

TEST_CASE("a histogram takes every value there is, and adds up") {
    LatencyHistogram one;
    CHECK(one.percentile(50) == 0);
    one.add(0);
    one.add(~std::uint64_t{0});
    LatencyHistogram other;
    other.add(63);
    other.add(one);
    CHECK(other.count() == 3);
    CHECK(other.min() == 0);
    CHECK(other.percentile(50) == 63);
    CHECK(other.percentile(100) == ~std::uint64_t{0});
}

TEST_CASE("IMIX is 64, 594 and 1420 bytes in 7:4:1") {
    auto mix = SizeMix::parse("imix").value();
    std::map<unsigned, unsigned> counts;
    for (int i = 0; i < 12 * 341; ++i)
        ++counts[mix.next()];
    CHECK(counts == std::map<unsigned, unsigned>{{64, 7 * 341}, {594, 4 * 341}, {1420, 341}});
    CHECK(mix.name() == "imix");
    CHECK(mix.mean() == doctest::Approx((7 * 64 + 4 * 594 + 1420) / 12.0));
}

TEST_CASE("a list of sizes has shares, and nonsense is refused") {
    auto mix = SizeMix::parse("64,128:3").value();
    CHECK(mix.smallest() == 64);
    CHECK(mix.largest() == 128);
    CHECK(mix.mean() == doctest::Approx(112));
    CHECK(mix.name() == "64+128:3");
    for (const char* text :
         {"", "0", "64,", ",64", "64:0", "64:", "9601", "64 ", "-1", "1e3", "IMIX", "64:2:2"})
        CHECK_FALSE(SizeMix::parse(text).has_value());
}

TEST_CASE("a search ends within its precision of the highest rate that passes") {
    for (const double limit : {3e3, 777e3, 1e6, 9.9e6}) {
        RateSearch search(1e6, 1e9, 0.02);
        int trials = 0;
        while (const auto rate = search.next()) {
            search.tell(*rate <= limit);
            REQUIRE(++trials < 40);
        }
        CHECK(search.best() <= limit);
        CHECK(search.best() >= limit * 0.97);
    }
}

TEST_CASE("a search ends where nothing passes, and where nothing may be tried above") {
    RateSearch none(1e6, 1e9, 0.02);
    for (int i = 0; i < 100 && none.next(); ++i)
        none.tell(false);
    CHECK_FALSE(none.next());
    CHECK(none.best() == 0);
    RateSearch capped(1e6, 2e6, 0.02);
    while (const auto rate = capped.next()) {
        REQUIRE(*rate <= 2e6);
        capped.tell(true);
    }
    CHECK(capped.best() == 2e6);
}

TEST_CASE("a pacer makes up for little, and gives up the rest") {
    Pacer pacer(1e6, 1000);
    CHECK(pacer.due(1000, false) == 0);
    CHECK(pacer.due(11'000, false) == 10);
    pacer.sent(10);
    CHECK(pacer.due(11'000, false) == 0);
    CHECK(pacer.due(10'001'000, false) == 1000);  // one millisecond's worth of ten
    CHECK(pacer.late() == 8990);
    pacer.sent(1000);
    CHECK(pacer.due(10'001'000, false) == 0);
    pacer.close(10'051'000, true);
    CHECK(pacer.refused() == 0);
    pacer.close(10'201'000, true);
    CHECK(pacer.refused() == 200 - 64);
    CHECK(pacer.late() == 8990);
}

TEST_CASE("what is lost does not stay outstanding") {
    Outstanding outstanding;
    CHECK(outstanding.count(100, 90, 1'000'000'000) == 10);
    const auto later = 1'000'000'000 + Outstanding::kPatience / 2;
    CHECK(outstanding.count(100, 90, later) == 10);
    std::uint64_t left = 10;
    for (Nanoseconds now = later; now < later + 2 * Outstanding::kPatience; now += 1'000'000)
        left = outstanding.count(100, 90, now);
    CHECK(left == 0);
    CHECK(outstanding.count(130, 120, later + 3 * Outstanding::kPatience) == 0);
    CHECK(outstanding.count(150, 120, later + 3 * Outstanding::kPatience) == 20);
}

TEST_CASE("shares are dealt out evenly") {
    Shares<4> shares({70, 10, 0, 20});
    std::array<int, 4> counts{};
    for (int i = 0; i < 1000; ++i)
        ++counts[shares.next()];
    CHECK(counts == std::array<int, 4>{700, 100, 0, 200});
}

TEST_CASE("a filling with any bit changed is not whole") {
    std::vector<std::uint8_t> bytes(100);
    write_filling(bytes, 0x1234567890abcdef);
    REQUIRE(filling_is_whole(bytes));
    for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
        bytes[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
        CHECK_FALSE(filling_is_whole(bytes));
        bytes[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    }
}

TEST_CASE("a stamp with any bit changed is not whole") {
    std::array<std::uint8_t, kStampBytes> bytes{};
    write_stamp(bytes.data(), 3, 70'000, 0xdeadbeef);
    const InnerCheck check({.peers = 4, .per_peer = 1}, address("10.0.0.2"), address("10.64.0.1"), true);
    REQUIRE(check.stamp_is_whole(read_stamp(bytes.data())));
    for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
        bytes[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
        CHECK_FALSE(check.stamp_is_whole(read_stamp(bytes.data())));
        bytes[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    }
}

TEST_CASE("inner headers are right for every peer") {
    for (const char* family : {"4", "6"}) {
        const bool v4 = family[0] == '4';
        const IpAddress host = address(v4 ? "10.255.255.254" : "fd00::ffff:fffe");
        const IpAddress first = address(v4 ? "10.64.255.250" : "fd00:9::ffff:fffa");
        const InnerHeaders headers(host, first);
        for (std::uint32_t peer = 0; peer < 1000; ++peer) {
            Bytes packet(headers.bytes() + 40);
            headers.write(packet.data(), static_cast<std::uint16_t>(packet.size()), 0, peer, 20'001);
            const auto ip = dataplane::parse_ip(packet);
            REQUIRE(ip);
            REQUIRE(ip->total_bytes == packet.size());
            REQUIRE(dataplane::header_checksum_ok(*ip, packet.data()));
            REQUIRE(IpAddress::from_wire(ip->family, ip->destination) == plus(first, peer));
            REQUIRE(IpAddress::from_wire(ip->family, ip->source) == host);
            const auto udp = parse_udp(packet);
            REQUIRE(udp);
            REQUIRE(udp->source_port == 20'001);
            REQUIRE(udp->payload_bytes == 40);
        }
    }
}

TEST_CASE("a UDP packet that is cut short is not read") {
    const Bytes payload(30);
    for (const char* family : {"4", "6"}) {
        const bool v4 = family[0] == '4';
        const Bytes packet = udp_packet({.source = address(v4 ? "10.0.0.1" : "fd00::1"),
                                         .destination = address(v4 ? "10.0.0.2" : "fd00::2")},
                                        payload);
        REQUIRE(parse_udp(packet));
        for (std::size_t size = 0; size < packet.size(); ++size) {
            const Bytes cut(packet.begin(), packet.begin() + static_cast<std::ptrdiff_t>(size));
            CHECK_FALSE(parse_udp(cut));
        }
    }
}

TEST_CASE("peers are found again by address and port") {
    const PeerNumbering peers{.count = 10,
                              .first_outer = address("198.18.0.254"),
                              .first_port = 1000,
                              .per_address = 3,
                              .first_inner = address("10.64.0.1")};
    CHECK(peers.addresses() == 4);
    for (PeerNumber peer = 0; peer < peers.count; ++peer)
        CHECK(peers.peer_at(peers.outer(peer), peers.port(peer)) == peer);
    CHECK(peers.outer(9) == address("198.18.1.1"));
    CHECK_FALSE(peers.peer_at(peers.outer(9), 1001));  // would be peer 10
    CHECK_FALSE(peers.peer_at(address("198.18.0.253"), 1000));
    CHECK_FALSE(peers.peer_at(peers.outer(0), 1003));
    CHECK_FALSE(peers.owns_outer(address("198.18.1.2")));
}

TEST_CASE("a chart has a line for each series that has packets") {
    LatencyHistogram latency;
    for (std::uint64_t i = 1; i < 10'000; ++i)
        latency.add(i * 100);
    const LatencyHistogram empty;
    std::ostringstream out;
    draw_latency(out, "a<b", "c & d", {{"encrypt", &latency}, {"decrypt", &empty}});
    const std::string svg = out.str();
    CHECK(svg.starts_with("<svg "));
    CHECK(svg.ends_with("</svg>\n"));
    CHECK(svg.find("a&lt;b") != std::string::npos);
    CHECK(svg.find("c &amp; d") != std::string::npos);
    CHECK(svg.find("encrypt") != std::string::npos);
    CHECK(svg.find("decrypt") == std::string::npos);
    CHECK(svg.find("nan") == std::string::npos);
}

}  // namespace
}  // namespace ringway::tests
