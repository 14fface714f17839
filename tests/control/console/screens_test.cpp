#include "control/console/screens.h"

#include <doctest/doctest.h>

#include "control/console/baseline.h"

namespace ringway::control::console {
namespace {

using dataplane::DropReason;

constexpr std::uint64_t kSecond = 1'000'000'000;
constexpr std::uint64_t kNow = 1'800'000'000 * kSecond;

PeerView bob() {
    PeerView peer;
    peer.tunnel = "wg0";
    peer.name = "bob";
    peer.state = PeerState::handshaking;
    peer.why = "no answer to 3 initiation(s): is it up, does it know our key, can it be reached?";
    peer.endpoint = dataplane::Endpoint{.remote = {.family = dataplane::Family::v4, .bytes = {192, 0, 2, 12}},
                                        .remote_port = 51820,
                                        .local = {}};
    peer.path = PathView{.kind = PathView::Kind::port,
                         .to = "wan",
                         .next_hop = peer.endpoint->remote,
                         .neighbour = dataplane::NeighbourState::failed};
    peer.allowed_ips = {
        {.address = {.family = dataplane::Family::v4, .bytes = {10, 9, 0, 12}}, .length = 32}};
    peer.protocol.initiations = 3;
    peer.dropped_packets = 17;
    peer.last_drop = DropReason::staging_full;
    peer.last_drop_seconds_ago = 4;
    return peer;
}

std::size_t widest(const std::string& text) {
    std::size_t widest = 0;
    std::size_t begin = 0;
    for (auto end = text.find('\n'); end != std::string::npos; end = text.find('\n', begin)) {
        widest = std::max(widest, end - begin);
        begin = end + 1;
    }
    CHECK(begin == text.size());
    return widest;
}

}  // namespace

TEST_CASE("one screen says why a peer has no session") {
    const std::string screen = peer_screen(bob(), kNow);
    for (const char* line :
         {"peer            bob\n", "state           handshaking\n",
          "why             no answer to 3 initiation(s): is it up, does it know our key, can it be "
          "reached?\n",
          "endpoint        192.0.2.12:51820\n", "heard by        not heard\n",
          "route           by port wan, next hop 192.0.2.12 does not answer", "last handshake  never\n",
          "drops           17, the last 4 s ago: staging_full\n", "allowed IPs     10.9.0.12/32\n",
          "keepalive       off\n"})
        CHECK_MESSAGE(screen.find(line) != std::string::npos, line);
    for (const std::size_t columns : {80, 100})
        CHECK(widest(peer_screen(bob(), kNow, columns)) <= columns);
}

TEST_CASE("peers have a line each, those without a name their key") {
    PeerView other = bob();
    other.name = "";
    other.state = PeerState::up;
    other.protocol.last_handshake_unix_ns = kNow - 75 * kSecond;
    other.rx_bytes = 3'000'000;
    CHECK(peers_screen({bob(), other}, kNow) ==
          "peer                tunnel  state        endpoint          handshake        rx   tx  drops\n"
          "bob                 wg0     handshaking  192.0.2.12:51820      never       0 B  0 B     17\n"
          "AAAAAAAAAAAAAAAAA~  wg0     up           192.0.2.12:51820   1 m 15 s  2.86 MiB  0 B     17\n");
}

TEST_CASE("on a narrow screen a column goes that says the same in each line") {
    CHECK(peers_screen({bob()}, kNow, 80) ==
          "peer  state        endpoint          handshake   rx   tx  drops\n"
          "bob   handshaking  192.0.2.12:51820      never  0 B  0 B     17\n");
    PeerView other = bob();
    other.tunnel = "wg1";
    CHECK(peers_screen({bob(), other}, kNow, 80).find("wg1") != std::string::npos);
}

TEST_CASE("the widest of everything fits") {
    PeerView peer = bob();
    peer.name = std::string(63, 'n');
    peer.tunnel = std::string(15, 't');
    peer.endpoint->remote = {.family = dataplane::Family::v6, .bytes = {}};
    peer.endpoint->remote.bytes.fill(0xfe);
    peer.protocol.last_handshake_unix_ns = 1;
    peer.rx_bytes = peer.tx_bytes = peer.dropped_packets = ~std::uint64_t{0};
    for (const std::size_t columns : {80, 100})
        CHECK(widest(peers_screen({peer}, kNow, columns)) <= columns);
    peer.path->next_hop = peer.endpoint->remote;
    peer.path->to = std::string(15, 'p');
    peer.why = std::string(300, 'w');
    for (const std::size_t columns : {80, 100})
        CHECK(widest(peer_screen(peer, kNow, columns)) <= columns);

    PortView port{.name = std::string(15, 'p'),
                  .device = std::string(80, 'd'),
                  .host_interface = std::string(15, 'i'),
                  .netns = std::string(40, 'n'),
                  .mtu = 9600,
                  .link_up = true,
                  .speed_mbps = 100'000};
    port.rx_packets = port.rx_bytes = port.rx_errors = port.tx_packets = port.tx_bytes = ~std::uint64_t{0};
    for (const std::size_t columns : {80, 100})
        CHECK(widest(ports_screen({port}, columns)) <= columns);

    LcoreView lcore{.lcore = 127, .cpu = 255, .roles = {.rx = true, .crypto = true, .tx = true}};
    lcore.stage_cycles.fill(1'000'000'000'000);
    lcore.stage_packets.fill(1'000'000);
    lcore.cycles_per_second = 3'000'000'000;
    lcore.aead_calls = lcore.bundles = 1;
    for (const std::size_t columns : {80, 100})
        CHECK(widest(lcores_screen({lcore}, 1000, columns)) <= columns);

    RouteView route{
        .netns = std::string(40, 'n'), .prefix = {peer.endpoint->remote, 128}, .to = std::string(15, 't')};
    route.gateway = peer.endpoint->remote;
    for (const std::size_t columns : {80, 100})
        CHECK(widest(routes_screen({route}, columns)) <= columns);
    CHECK(widest(tunnels_screen({{.name = std::string(15, 't'),
                                  .public_key = crypto::PublicKey{},
                                  .listen_port = 65535,
                                  .mtu = 9600,
                                  .fwmark = ~0U,
                                  .peers = 1'000'000}})) <= 100);
}

TEST_CASE("drops that there were, by reason and by who; the sum of all packets") {
    DropsView drops;
    drops.counters = {"lcore 0", "control"};
    drops.drops.resize(2);
    const auto reason = static_cast<std::size_t>(DropReason::no_peer);
    drops.drops[0][reason] = 5;
    drops.drops[1][reason] = 2;
    drops.totals.drops[reason] = 7;
    drops.totals.in = 10;
    drops.totals.out = 3;
    const std::string screen = drops_screen(drops);
    CHECK(
        screen.starts_with("reason   packets  dropped by\n"
                           "no_peer        7  lcore 0 5, control 2\n"));
    CHECK(screen.find("10 in + 0 from host") != std::string::npos);
    CHECK(widest(screen) <= 100);
}

TEST_CASE("since a baseline only what came after it counts") {
    Baseline base;
    base.ports = {{.name = "wan", .rx_packets = 100, .tx_bytes = 7}};
    base.status.packets.in = 5;
    const auto ports = since(base, std::vector<PortView>{{.name = "lan", .rx_packets = 3},
                                                         {.name = "wan", .rx_packets = 150, .tx_bytes = 7}});
    CHECK(ports[0].rx_packets == 3);
    CHECK(ports[1].rx_packets == 50);
    CHECK(ports[1].tx_bytes == 0);
    StatusView status;
    status.packets.in = 9;
    CHECK(since(base, status).packets.in == 4);
    CHECK(since(Baseline{}, status).packets.in == 9);
}

}  // namespace ringway::control::console
