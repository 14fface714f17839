#include "tests/dataplane/packet_table.h"

namespace ringway::tests {

namespace {

void expect_drop(const DropCase& row) {
    CAPTURE(row.description);
    Bench bench;
    const std::uint64_t host_before = bench.a.totals().to_host;
    const Bytes frame = row.make(bench);
    REQUIRE(bench.a.drop_names().empty());
    REQUIRE(bench.a.receive(row.port, frame));
    for (int i = 0; i < 4; ++i)
        (void)dataplane::poll(bench.a.lcore(0));
    CHECK(bench.a.drop_names() == std::string(name(row.verdict)) + "=1");
    CHECK(bench.a.take_lan().empty());
    for (dataplane::HostIndex host = 0; host < 3; ++host)
        CHECK(bench.a.take_host(host).empty());
    CHECK(bench.a.totals().to_host == host_before);
    CHECK(bench.a.accounts_balance());
    CHECK(bench.a.plane().in_flight() == 0);
}

}  // namespace

void expect_drops(const std::vector<DropCase>& rows) {
    for (const DropCase& row : rows)
        expect_drop(row);
}

Bytes cut(Bytes bytes, std::size_t size) {
    bytes.resize(size);
    return bytes;
}

Bytes with(Bytes bytes, std::size_t at, std::uint8_t value) {
    bytes.at(at) = value;
    return bytes;
}

Bytes flipped(Bytes bytes, std::size_t at) {
    bytes.at(at) ^= 1;
    return bytes;
}

Bytes with_header(Bytes packet, std::size_t at, std::uint8_t value) {
    packet.at(at) = value;
    renew_checksum(packet);
    return packet;
}

Bytes inner_from(const Bench& t, const char* source) {
    const dataplane::IpAddress from = address(source);
    return udp_packet({.source = from, .destination = t.a.host(from.family)}, pattern(20, 1));
}

}  // namespace ringway::tests
