#include "tests/pressure/accounts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "tests/support/flow.h"
#include "tests/support/test_network.h"

namespace ringway::tests {

using namespace std::chrono_literals;
using dataplane::LcoreRoles;

namespace {

const std::vector<LcoreRoles> kTwoOfEach{{.rx = true},     {.rx = true}, {.crypto = true},
                                         {.crypto = true}, {.tx = true}, {.tx = true}};
constexpr std::uint64_t kWorld = 50'000;  ///< samples, then the next world begins
constexpr std::uint32_t kLongestBurst = 40;
constexpr int kTurnsToStop = 100'000;

/// Everything is small, so that everything is full at times.
GatewayOptions small(unsigned number) {
    return {.number = number,
            .lcores = kTwoOfEach,
            .rx_queues = 2,
            .rx_ring = 128,
            .lan_tx_ring = 64,
            .wan_tx_ring = 64,
            .packets = 700,
            .bundles = 100,
            .queue_limit = 128,
            .host_queue = 15};
}

class Schedule {
  public:
    Schedule(std::uint64_t seed, std::vector<std::string>& failures)
        : seed_(seed), random_(seed), failures_(failures) {
        for (const auto& [one, other] : {std::pair{&a_, &b_}, std::pair{&b_, &a_}})
            peers_.push_back(one->add_peer(*other));
    }

    /// Does so many things, and then stops one of the gateways. False when the accounts did not balance.
    bool run(std::uint64_t things) {
        for (std::uint64_t i = 0; i < things; ++i) {
            do_something();
            if (!balances("at work")) return false;
        }
        return stop();
    }
    [[nodiscard]] std::uint64_t samples() const { return samples_; }

  private:
    bool balances(const char* when) {
        ++samples_;
        for (const TestGateway* gateway : {&a_, &b_}) {
            if (gateway->accounts_balance()) continue;
            failures_.push_back(fmt::format("sample {}, {}: gateway {} does not balance after '{}' (seed {})",
                                            samples_, when, gateway->number(), last_, seed_));
            return false;
        }
        return true;
    }

    TestGateway& any() { return random_.below(2) == 0 ? a_ : b_; }

    void do_something() {
        TestGateway& gateway = any();
        switch (random_.below(16)) {
            case 0:
            case 1:
            case 2:
                last_ = "packets come";
                return burst(gateway);
            case 3:
                last_ = "a packet of the host";
                return from_host(gateway);
            case 4:
                last_ = "the wire carries";
                (void)network_.move_frames();
                return;
            case 5:
                last_ = "the sink takes";
                return sink(gateway);
            case 6:
                last_ = "time passes";
                return network_.clock().advance(random_.below(2000) == 0 ? 200s
                                                                         : random_.below(1000) * 100us);
            case 7:
                if (random_.below(peers_[gateway.number() - 1] ? 40 : 4) != 0) return;
                last_ = "the configuration changes";
                return change(gateway);
            case 8:
                last_ = "a turn of the control side";
                (void)gateway.core().turn();
                return;
            default:
                last_ = "an lcore polls";
                (void)dataplane::poll(gateway.lcore(random_.below(kTwoOfEach.size())));
        }
    }

    void burst(TestGateway& gateway) {
        NumberedFlow& flow = flow_of(gateway);
        const auto queue = static_cast<std::uint16_t>(random_.below(2));
        if (random_.below(4) == 0) {
            const Bytes to_us =
                udp_packet({.source = gateway.host(Family::v4), .destination = gateway.lan(Family::v4)}, {});
            (void)gateway.receive_from_lan(to_us, queue);
        }
        for (std::uint32_t i = random_.below(kLongestBurst); i > 0; --i)
            (void)gateway.receive_from_lan(flow.next(), queue);
    }
    void from_host(TestGateway& gateway) { (void)gateway.receive_from_host(flow_of(gateway).next()); }
    void sink(TestGateway& gateway) {
        for (std::uint32_t i = random_.below(16); i > 0; --i)
            (void)gateway.take_sent(TestGateway::kLan);
        (void)gateway.take_host(TestGateway::kLan);
    }
    NumberedFlow& flow_of(const TestGateway& gateway) {
        return flows_[2 * (gateway.number() - 1) + random_.below(2)];
    }

    void change(TestGateway& gateway) {
        TestGateway& other = &gateway == &a_ ? b_ : a_;
        std::optional<PeerIndex>& peer = peers_[gateway.number() - 1];
        if (!peer) {
            if (gateway.core().free_peers() > 0) peer = gateway.add_peer(other);
            return;
        }
        control::Core& core = gateway.core();
        switch (random_.below(5)) {
            case 0:
                core.remove_peer(*peer);
                peer.reset();
                break;
            case 1:
                (void)core.remove_allowed_ip(*peer, prefix(lan_of(other)));
                break;
            case 2:
                (void)core.add_allowed_ip(*peer, prefix(lan_of(other)));
                break;
            case 3:
                core.set_persistent_keepalive(*peer, static_cast<std::uint16_t>(random_.below(3)));
                break;
            default:
                gateway.neighbour(TestGateway::kWan, other.wan(Family::v4),
                                  {other.mac(TestGateway::kWan), random_.below(2) == 0
                                                                     ? dataplane::NeighbourState::failed
                                                                     : dataplane::NeighbourState::usable});
        }
    }
    static std::string lan_of(const TestGateway& gateway) {
        return fmt::format("192.168.{}.0/24", gateway.number());
    }

    /// As Gateway::drain() does: receive queues are left alone, and what is under way goes out.
    bool stop() {
        TestGateway& gateway = any();
        gateway.plane().draining.store(true);
        for (int i = 0; i < kTurnsToStop && gateway.plane().in_flight() > gateway.plane().waiting.held();
             ++i) {
            (void)gateway.step();
            (void)network_.move_frames();
            sink(gateway);
            (void)gateway.take_host(TestGateway::kTunnelHost);
            last_ = "a turn while it stops";
            if (!balances("stopping")) return false;
        }
        if (gateway.plane().in_flight() > gateway.plane().waiting.held()) {
            failures_.push_back(fmt::format("{} packets do not leave a gateway that stops (seed {})",
                                            gateway.plane().in_flight(), seed_));
            return false;
        }
        if (gateway.plane().bundles_in_use() != 0) {
            failures_.push_back(fmt::format("{} bundles are missing when all is out (seed {})",
                                            gateway.plane().bundles_in_use(), seed_));
            return false;
        }
        return true;
    }

    const std::uint64_t seed_;
    SeededRandom random_;
    std::vector<std::string>& failures_;
    TestNetwork network_;
    TestGateway& a_ = network_.add(small(1));
    TestGateway& b_ = network_.add(small(2));
    std::vector<std::optional<PeerIndex>> peers_;
    std::array<NumberedFlow, 4> flows_{NumberedFlow(a_, b_, 1), NumberedFlow(a_, b_, 2, Family::v6),
                                       NumberedFlow(b_, a_, 3), NumberedFlow(b_, a_, 4, Family::v6)};
    std::uint64_t samples_ = 0;
    const char* last_ = "";
};

}  // namespace

SiegeRow press_accounts(const Trial& trial) {
    const Running running(trial);
    std::vector<std::string> failures;
    std::uint64_t samples = 0;
    for (std::uint64_t seed = trial.seed; failures.empty() && !running.over(samples); ++seed) {
        Schedule schedule(seed, failures);
        (void)schedule.run(std::min(kWorld, trial.count - samples));
        samples += schedule.samples();
        running.say(fmt::format("accounts: {} samples", samples));
    }
    return {.what = "samples of accounts in overload, change and stop",
            .tried = samples,
            .unit = "samples",
            .seconds = running.seconds().count(),
            .lost = 0,
            .failures = failures};
}

}  // namespace ringway::tests
