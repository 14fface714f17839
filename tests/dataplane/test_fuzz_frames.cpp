// The fuzzer of frames on some that mean something and on seeded mutations of them, without libFuzzer.

#include <doctest/doctest.h>

#include "tests/fuzz/frames.h"

namespace ringway::tests {

namespace {

constexpr int kMutationsPerFrame = 800;

std::vector<Bytes> corpus(SessionBench& bench) {
    std::vector<Bytes> inputs;
    const auto add = [&](PortIndex port, const Bytes& frame) {
        Bytes input{static_cast<std::uint8_t>(port)};
        input.insert(input.end(), frame.begin(), frame.end());
        inputs.push_back(std::move(input));
    };
    // Every kind of message of the session, turned round to be heard by `a`.
    for (const Captured& captured : bench.network.captured()) {
        const Bytes packet = packet_of(captured.frame);
        const std::span<const std::uint8_t> message = payload_of(packet);
        for (const Family family : {Family::v4, Family::v6}) {
            const Udp headers{.source = bench.b.wan(family),
                              .destination = bench.a.wan(family),
                              .source_port = TestGateway::kListenPort,
                              .destination_port = TestGateway::kListenPort};
            add(TestGateway::kWan, frame(bench.a.mac(TestGateway::kWan), bench.b.mac(TestGateway::kWan),
                                         udp_packet(headers, Bytes(message.begin(), message.end()))));
        }
    }
    for (const Family family : {Family::v4, Family::v6}) {
        const Udp headers{.source = bench.a.host(family), .destination = bench.b.host(family)};
        add(TestGateway::kLan,
            frame(bench.a.mac(TestGateway::kLan), bench.a.host_mac(), udp_packet(headers, pattern(30, 3))));
    }
    return inputs;
}

class Mutator {
  public:
    explicit Mutator(std::uint64_t seed) : random_(seed) {}

    Bytes mutate(Bytes input) {
        for (std::uint32_t i = random_.below(4) + 1; i > 0; --i)
            mutate_once(input);
        return input;
    }

  private:
    void mutate_once(Bytes& input) {
        if (input.empty()) return;
        const auto size = static_cast<std::uint32_t>(input.size());
        // Headers more often than payload.
        const std::uint32_t at = random_.below(random_.below(2) == 0 ? std::min(size, 80U) : size);
        switch (random_.below(5)) {
            case 0:
                input[at] = static_cast<std::uint8_t>(input[at] ^ (1U << random_.below(8)));
                break;
            case 1:
                input[at] = static_cast<std::uint8_t>(random_.next_u32());
                break;
            case 2:
                input.resize(at);
                break;
            case 3:
                input.resize(size + random_.below(100), 0x5a);
                break;
            default:
                input[at] = random_.below(2) == 0 ? 0x00 : 0xff;
                break;
        }
    }

    SeededRandom random_;
};

}  // namespace

TEST_CASE("no frame reads past its end, loses an account or keeps a bundle, whatever is in it") {
    SessionBench bench;
    Mutator mutator(2024);
    for (const Bytes& input : corpus(bench)) {
        feed_frame(bench, input);
        for (int i = 0; i < kMutationsPerFrame; ++i)
            feed_frame(bench, mutator.mutate(input));
    }
    // Nobody but the peer itself could move it, and it can still be reached.
    CHECK(bench.a.has_session(bench.a.peer(bench.b)));
    CHECK(bench.a.plane().in_flight() == 0);
    CHECK(bench.a.packets_in_use() == 0);
}

}  // namespace ringway::tests
