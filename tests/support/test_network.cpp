#include "tests/support/test_network.h"

#include <algorithm>
#include <stdexcept>

namespace ringway::tests {

namespace {

constexpr int kMaxSteps = 100'000;
/// Rounds after the last movement, for what only waits for grace periods.
constexpr int kQuietRounds = 8;

}  // namespace

TestGateway& TestNetwork::add(const GatewayOptions& options) {
    return *gateways_.emplace_back(std::make_unique<TestGateway>(clock_, options));
}

void TestNetwork::join(TestGateway& one, TestGateway& other, const PeerOptions& options) {
    (void)one.add_peer(other, options);
    (void)other.add_peer(one, options);
}

void TestNetwork::deliver(const Bytes& frame) {
    for (const auto& gateway : gateways_) {
        const dataplane::MacAddress mac = gateway->mac(TestGateway::kWan);
        if (std::equal(mac.begin(), mac.end(), frame.begin()))
            (void)gateway->receive(TestGateway::kWan, frame);
    }
}

std::size_t TestNetwork::move_frames() {
    std::size_t moved = 0;
    for (const auto& gateway : gateways_)
        moved += move_frames(*gateway);
    return moved;
}

std::size_t TestNetwork::move_frames(TestGateway& from, std::size_t most) {
    for (std::size_t moved = 0; moved < most; ++moved) {
        std::optional<Bytes> frame = from.take_sent(TestGateway::kWan);
        if (!frame) return moved;
        if (capturing_) captured_.push_back({clock_.now(), from.number(), *frame});
        if (!tap_) {
            deliver(*frame);
            continue;
        }
        for (const Bytes& changed : tap_(from.number(), std::move(*frame)))
            deliver(changed);
    }
    return most;
}

bool TestNetwork::step() {
    bool busy = move_frames() != 0;
    for (const auto& gateway : gateways_)
        busy |= gateway->step();
    return busy;
}

void TestNetwork::settle() {
    int quiet = 0;
    for (int i = 0; i < kMaxSteps; ++i) {
        quiet = step() ? 0 : quiet + 1;
        if (quiet == kQuietRounds) return;
    }
    throw std::runtime_error("the network does not come to rest");
}

void TestNetwork::pass(std::chrono::nanoseconds time) {
    const dataplane::Nanoseconds end = clock_.now() + static_cast<dataplane::Nanoseconds>(time.count());
    for (;;) {
        settle();
        if (clock_.now() >= end) return;
        dataplane::Nanoseconds next = end;
        for (const auto& gateway : gateways_)
            next = std::min(next, gateway->core().engine().next_deadline().value_or(end));
        next = std::max(next, clock_.now() + 1);
        clock_.advance(std::chrono::nanoseconds(next - clock_.now()));
    }
}

bool TestNetwork::accounts_balance() const {
    return std::all_of(gateways_.begin(), gateways_.end(),
                       [](const auto& gateway) { return gateway->accounts_balance(); });
}

std::string TestNetwork::drop_names() const {
    std::string text;
    for (const auto& gateway : gateways_)
        text += gateway->drop_names();
    return text;
}

}  // namespace ringway::tests
