// Entry point for libFuzzer, and for the seeded mutation test, which runs it in the normal suite: any
// frame, on either port, of a gateway that has a session.

#include <sanitizer/asan_interface.h>

#include <algorithm>
#include <cstdlib>

#include "dataplane/classify.h"
#include "dataplane/packet.h"
#include "tests/dataplane/fuzz_classify.h"

namespace ringway::tests {

namespace {

constexpr std::size_t kMaxFrame = 1600;

void require(bool holds) {
    if (!holds) std::abort();
}

/// The frame with nothing readable behind it: a length believed before it is proved shows under ASan.
void classify(TestGateway& gateway, std::span<const std::uint8_t> frame, PortIndex port) {
    rte_mbuf* packet = gateway.plane().make_packet();
    require(packet != nullptr);
    std::uint8_t* bytes =
        reinterpret_cast<std::uint8_t*>(rte_pktmbuf_append(packet, static_cast<std::uint16_t>(frame.size())));
    std::copy(frame.begin(), frame.end(), bytes);
    const std::uint8_t* end = static_cast<std::uint8_t*>(packet->buf_addr) + packet->buf_len;
    [[maybe_unused]] const auto behind = static_cast<std::size_t>(end - (bytes + frame.size()));
    dataplane::Lcore& lcore = gateway.lcore(0);
    lcore.counters.in.add();
    ASAN_POISON_MEMORY_REGION(bytes + frame.size(), behind);
    dataplane::classify_frames(lcore, {&packet, 1}, port);
    ASAN_UNPOISON_MEMORY_REGION(bytes + frame.size(), behind);
}

}  // namespace

FuzzBench::FuzzBench() {
    TestNetwork::join(a, b);
    network.start_capture();
    const Bytes packet =
        udp_packet({.source = a.host(Family::v4), .destination = b.host(Family::v4)}, pattern(40, 1));
    require(a.receive_from_lan(packet));
    network.settle();
    require(b.take_lan().size() == 1);
}

void FuzzBench::feed(std::span<const std::uint8_t> input) {
    if (input.empty()) return;
    const PortIndex port = input[0] & 1U;
    classify(a, input.subspan(1, std::min(input.size() - 1, kMaxFrame)), port);
    for (int i = 0; i < 3; ++i)
        (void)a.step();
    while (a.take_sent(TestGateway::kWan) || a.take_sent(TestGateway::kLan)) {
    }
    for (dataplane::HostIndex host = 0; host < 3; ++host)
        (void)a.take_host(host);
    require(a.accounts_balance());
    require(a.plane().bundles_in_use() == 0);
}

}  // namespace ringway::tests

extern "C" int LLVMFuzzerInitialize(int*, char***);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerInitialize(int*, char***) {
    ringway::tests::start_eal();
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static ringway::tests::FuzzBench bench;
    bench.feed({data, size});
    return 0;
}
