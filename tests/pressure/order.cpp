#include "tests/pressure/order.h"

#include <fmt/format.h>

#include <array>
#include <cstring>

#include "tests/support/disturbance.h"
#include "tests/support/flow.h"
#include "tests/support/test_network.h"

namespace ringway::tests {

using namespace std::chrono_literals;
using dataplane::LcoreRoles;

namespace {

const std::vector<LcoreRoles> kTwoCrypto{{.rx = true, .tx = true}, {.crypto = true}, {.crypto = true}};
/// Enough though each packet had one of its own.
constexpr std::size_t kBundles = 1024;
constexpr std::uint64_t kWindow = 768;  ///< below every queue's limit
/// So many times a window is sent, then it is another: a small one or this. With a small one the lcores run
/// dry again and again: then no later packet can make up for a signal that was missed.
constexpr std::uint64_t kWindowsEach = 512;
constexpr std::uint64_t kStaged = 100;   ///< and what staging holds, until there is a session
constexpr std::size_t kRxRing = 1024;    ///< a power of two: one less fit
constexpr std::uint64_t kEachTurn = 64;  ///< packets
/// Time goes by what arrives: a session lasts 1.2 million packets.
constexpr auto kPacketTime = 100us;
/// Of real time, for something that is under way to come out.
constexpr auto kPatience = 60s;

/// Where a packet may be lost: no crypto was spent on it.
constexpr std::array kBeforeCrypto{DropReason::outbound_queue_full, DropReason::inbound_queue_full,
                                   DropReason::memory_short,        DropReason::bundles_exhausted,
                                   DropReason::crypto_ring_full,    DropReason::staging_full};

/// The numbers of packets that came out.
class Arrivals {
  public:
    void take(const Bytes& packet) {
        std::uint64_t number = 0;
        std::memcpy(&number, packet.data() + packet.size() - sizeof(number), sizeof(number));
        if (number < next_) {
            ++wrong_;
        } else {
            next_ = number + 1;
        }
        ++count_;
    }
    [[nodiscard]] std::uint64_t count() const { return count_; }
    /// Behind a later one, or there already.
    [[nodiscard]] std::uint64_t wrong() const { return wrong_; }

  private:
    std::uint64_t next_ = 0;
    std::uint64_t count_ = 0;
    std::uint64_t wrong_ = 0;
};

class Stream {
  public:
    Stream(const Trial& trial, Ahead ahead) : trial_(trial), ahead_(ahead), running_(trial) {
        TestNetwork::join(a_, b_);
    }

    SiegeRow run() {
        {
            const LcoreThreads a_threads(a_, 1);
            const LcoreThreads b_threads(b_, 4);
            std::vector<pid_t> threads = a_threads.threads();
            const std::vector<pid_t> more = b_threads.threads();
            threads.insert(threads.end(), more.begin(), more.end());
            const Disturbance disturbance(threads, trial_.seed);
            while (!running_.over(flow_.sent()) && arrivals_.wrong() == 0 && !stands_still())
                turn(true);
            while (arrivals_.count() + lost() < flow_.sent() && !stands_still())
                turn(false);
            held_up_ = disturbance.count();
        }
        const double seconds = running_.seconds().count();
        network_.settle();
        return {
            .what = fmt::format("packets of one peer through 2 crypto lcores, {}, threads held up {} times",
                                ahead_ == Ahead::fits ? "none lost" : "flooded", held_up_),
            .tried = flow_.sent(),
            .unit = "packets",
            .seconds = seconds,
            .lost = ahead_ == Ahead::fits ? flow_.sent() - arrivals_.count() : 0,
            .failures = failures()};
    }

  private:
    void turn(bool sending) {
        for (std::uint64_t i = 0; sending && i < kEachTurn && flow_.sent() < trial_.count; ++i) {
            if (!may_send()) break;
            if (a_.receive_from_lan(flow_.next())) continue;
            flow_.take_back();
            break;
        }
        // The wire has no queue of its own: what b's does not take stays in a's.
        const std::size_t waiting = b_.device(TestGateway::kWan).waiting_to_be_received();
        (void)network_.move_frames(a_, kRxRing - 1 - waiting);
        (void)network_.move_frames(b_);
        while (const std::optional<Bytes> sent = b_.take_sent(TestGateway::kLan)) {
            arrivals_.take(packet_of(*sent));
            arrived_at_ = running_.seconds();
            network_.clock().advance(kPacketTime);
        }
        (void)a_.core().turn();
        (void)b_.core().turn();
        if (++turns_ % 1024 == 0) running_.say(fmt::format("order: {} packets", arrivals_.count()));
    }
    [[nodiscard]] bool may_send() {
        if (arrivals_.count() == 0) return flow_.sent() < kStaged;
        if (ahead_ == Ahead::floods) return true;
        if (flow_.sent() >= window_ends_) {
            window_ = window_ == kWindow ? 1 + random_.below(8) : kWindow;
            window_ends_ = flow_.sent() + kWindowsEach * window_;
        }
        return flow_.sent() - arrivals_.count() < window_;
    }
    [[nodiscard]] bool stands_still() const { return running_.seconds() - arrived_at_ > kPatience; }
    [[nodiscard]] std::uint64_t lost() const {
        std::uint64_t sum = 0;
        for (const DropReason reason : kBeforeCrypto)
            sum += a_.drops(reason) + b_.drops(reason);
        return sum;
    }
    /// Handshake messages may be refused by name: some cross.
    [[nodiscard]] static std::uint64_t data_drops(const TestGateway& gateway) {
        std::uint64_t sum = 0;
        for (std::size_t i = 0; i < static_cast<std::size_t>(DropReason::handshake_bad_length); ++i)
            sum += gateway.totals().drops[i];
        return sum;
    }

    [[nodiscard]] std::vector<std::string> failures() const {
        std::vector<std::string> found;
        const auto hold = [&](bool holds, const std::string& otherwise) {
            if (!holds) found.push_back(fmt::format("{} (seed {})", otherwise, trial_.seed));
        };
        const std::uint64_t missing = flow_.sent() - arrivals_.count();
        const std::uint64_t ours =
            a_.totals().made_here + b_.totals().made_here;  // keepalives may be lost, too
        hold(arrivals_.wrong() == 0, "a packet came behind a later one, or twice");
        hold(ahead_ == Ahead::floods || missing == 0,
             fmt::format("{} packets were lost: {}", missing, network_.drop_names()));
        hold(missing <= lost() && lost() <= missing + ours,
             fmt::format("{} packets are missing, but {} drops counted", missing, lost()));
        hold(data_drops(a_) + data_drops(b_) == lost(),
             fmt::format("packets were lost after crypto: {}", network_.drop_names()));
        hold(network_.accounts_balance(), "the accounts do not balance");
        for (const TestGateway* gateway : {&a_, &b_}) {
            hold(gateway->opened_or_sealed(1) > 0 && gateway->opened_or_sealed(2) > 0,
                 "one of the crypto lcores had no share, so that nothing is shown");
        }
        return found;
    }

    const Trial& trial_;
    const Ahead ahead_;
    const Running running_;
    TestNetwork network_;
    TestGateway& a_ = network_.add({.number = 1, .lcores = kTwoCrypto, .bundles = kBundles});
    TestGateway& b_ =
        network_.add({.number = 2, .lcores = kTwoCrypto, .rx_ring = kRxRing, .bundles = kBundles});
    NumberedFlow flow_{a_, b_, 7};
    Arrivals arrivals_;
    SeededRandom random_{trial_.seed};
    std::uint64_t window_ = kWindow;
    std::uint64_t window_ends_ = 0;
    std::chrono::duration<double> arrived_at_{0};
    std::uint64_t turns_ = 0;
    std::uint64_t held_up_ = 0;
};

}  // namespace

SiegeRow press_order(const Trial& trial, Ahead ahead) {
    return Stream(trial, ahead).run();
}

}  // namespace ringway::tests
