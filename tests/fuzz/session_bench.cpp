#include "tests/fuzz/session_bench.h"

#include <sanitizer/asan_interface.h>

#include <algorithm>
#include <memory>

#include "dataplane/classify.h"
#include "tests/fuzz/promise.h"

namespace ringway::tests {
namespace {

/// Receive, crypto and release of one burst, and the control side's turns.
constexpr int kPolls = 3;

std::unique_ptr<SessionBench>& the_bench() {
    static std::unique_ptr<SessionBench> bench;
    return bench;
}

}  // namespace

SessionBench::SessionBench() {
    TestNetwork::join(a, b);
    network.start_capture();
    const Bytes packet =
        udp_packet({.source = a.host(Family::v4), .destination = b.host(Family::v4)}, pattern(40, 1));
    promise(a.receive_from_lan(packet), "a takes a packet");
    network.settle();
    promise(b.take_lan().size() == 1, "a packet makes a session");
}

void SessionBench::receive(PortIndex port, std::span<const std::uint8_t> frame) {
    rte_mbuf* packet = a.plane().make_packet();
    promise(packet != nullptr, "the pool has a packet");
    auto* bytes =
        reinterpret_cast<std::uint8_t*>(rte_pktmbuf_append(packet, static_cast<std::uint16_t>(frame.size())));
    std::copy(frame.begin(), frame.end(), bytes);
    const std::uint8_t* end = static_cast<std::uint8_t*>(packet->buf_addr) + packet->buf_len;
    [[maybe_unused]] const auto behind = static_cast<std::size_t>(end - (bytes + frame.size()));
    dataplane::Lcore& lcore = a.lcore(0);
    lcore.counters.in.add();
    ASAN_POISON_MEMORY_REGION(bytes + frame.size(), behind);
    dataplane::classify_frames(lcore, {&packet, 1}, port);
    ASAN_UNPOISON_MEMORY_REGION(bytes + frame.size(), behind);
}

void SessionBench::run_a() {
    for (int i = 0; i < kPolls; ++i)
        (void)a.step();
}

void SessionBench::settle_accounts() {
    while (a.take_sent(TestGateway::kWan) || a.take_sent(TestGateway::kLan)) {
    }
    for (dataplane::HostIndex host = 0; host <= TestGateway::kTunnelHost; ++host)
        (void)a.take_host(host);
    promise(a.accounts_balance(), "every packet is accounted for");
    promise(a.plane().bundles_in_use() == 0, "every bundle comes back");
}

SessionBench& kept_bench() {
    return the_bench() ? *the_bench() : renew_bench();
}

SessionBench& renew_bench() {
    the_bench().reset();
    the_bench() = std::make_unique<SessionBench>();
    return *the_bench();
}

}  // namespace ringway::tests
