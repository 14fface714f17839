#include "control/rest/peer_filter.h"

#include <doctest/doctest.h>

#include "control/rest/problem.h"

namespace ringway::control::rest {
namespace {

Request asking(std::multimap<std::string, std::string> query) {
    Request request;
    request.query = std::move(query);
    return request;
}

PeerView alice() {
    PeerView peer;
    peer.name = "Alice-Laptop";
    peer.public_key.bytes.fill(0xfb);  // "+/v7..." in base64
    peer.state = PeerState::up;
    peer.endpoint.emplace();
    peer.endpoint->remote.family = dataplane::Family::v4;
    peer.endpoint->remote.bytes = {192, 0, 2, 11};
    peer.endpoint->remote_port = 51820;
    return peer;
}

bool fits(const char* search) {
    return PeerFilter::of(asking({{"search", search}})).fits(alice());
}

}  // namespace

TEST_CASE("a peer is found by a part of its name, key or endpoint, in either case of letters") {
    CHECK(fits("alice"));
    CHECK(fits("LAPTOP"));
    CHECK(fits("+/v7"));
    CHECK(fits("192.0.2.11:5"));
    CHECK(fits(""));
    CHECK_FALSE(fits("bob"));
    CHECK_FALSE(fits("192.0.2.12"));
}

TEST_CASE("a state narrows the list, and one that there is not is refused") {
    CHECK(PeerFilter::of(asking({{"state", "up"}})).fits(alice()));
    CHECK_FALSE(PeerFilter::of(asking({{"state", "idle"}})).fits(alice()));
    CHECK_FALSE(PeerFilter::of(asking({})).narrows());
    CHECK_THROWS_AS((void)PeerFilter::of(asking({{"state", "down"}})), Problem);
    for (const char* top : {"0", "1001", "ten", "-1", "5x"})
        CHECK_THROWS_AS((void)PeerFilter::of(asking({{"top", top}})), Problem);
}

TEST_CASE("the busiest come first, and no more of them than asked for") {
    BusiestPeers busiest(3);
    for (const std::uint64_t bytes : {5, 1, 9, 7, 3}) {
        PeerView peer;
        peer.rx_bytes = bytes;
        busiest.add(peer);
    }
    std::vector<std::uint64_t> bytes;
    for (const PeerView& peer : busiest.take())
        bytes.push_back(peer.rx_bytes);
    CHECK(bytes == std::vector<std::uint64_t>{9, 7, 5});
}

}  // namespace ringway::control::rest
