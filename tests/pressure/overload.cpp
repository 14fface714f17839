#include "tests/pressure/overload.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "tests/support/flow.h"
#include "tests/support/test_network.h"

namespace ringway::tests {

using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t kTaken = 16;  ///< packets each tick by the sink
constexpr std::uint64_t kOffered = 5 * kTaken;
constexpr auto kTick = 10ms;
/// A session is renewed every two minutes of ticks.
constexpr std::uint64_t kTicksOfSession = 2min / kTick;
/// A new peer's handshake is tried again after five seconds, and its answer waits in the port's queue.
constexpr std::uint64_t kTicksToGetIn = 15s / kTick;
constexpr double kMostWork = 1.05;

/// What the most was that was ever in use, at first and later.
class HighWater {
  public:
    void look(std::uint64_t in_use, bool is_late) {
        (is_late ? late_ : early_) = std::max(is_late ? late_ : early_, in_use);
    }
    /// `slack`: what chance may add.
    [[nodiscard]] bool is_flat(std::uint64_t slack) const { return late_ <= early_ + slack; }
    [[nodiscard]] std::string text() const { return fmt::format("{}, later {}", early_, late_); }

  private:
    std::uint64_t early_ = 0;
    std::uint64_t late_ = 0;
};

/// a sends to b, and one of b's plain port and a's encrypted port is the bottleneck. c is a stranger to the
/// flood that wants in at the bottleneck's gateway.
class Flood {
  public:
    Flood(const Trial& trial, Sink sink) : trial_(trial), sink_(sink), running_(trial) {
        TestNetwork::join(a_, b_);
        TestNetwork::join(a_, c_);
        TestNetwork::join(b_, c_);
    }

    SiegeRow run() {
        begin();
        const std::uint64_t work = crypto_work();
        const std::uint64_t before = delivered_;
        for (; !running_.over(offered_); ++ticks_)
            tick();
        const std::uint64_t passed = delivered_ - before;
        work_per_packet_ = static_cast<double>(crypto_work() - work) /
                           static_cast<double>(std::max<std::uint64_t>(passed, 1));
        const double seconds = running_.seconds().count();
        return {.what = fmt::format(
                    "packets at 5x overload of the {} port, {:.3f} sealed or opened for each that passed",
                    sink_ == Sink::wan ? "encrypted" : "plain", work_per_packet_),
                .tried = offered_,
                .unit = "packets",
                .seconds = seconds,
                .lost = 0,
                .failures = failures(passed)};
    }

  private:
    TestGateway& bottleneck() { return sink_ == Sink::wan ? a_ : b_; }
    [[nodiscard]] std::uint64_t crypto_work() { return bottleneck().opened_or_sealed(); }

    void begin() {
        (void)a_.receive_from_lan(flow_.next());
        network_.settle();
        (void)b_.take_lan();
        first_handshake_ = a_.core().engine().status(a_.peer(b_))->last_handshake_unix_ns;
    }

    /// One tick of everything.
    void tick() {
        for (std::uint64_t i = 0; i < kOffered; ++i, ++offered_)
            (void)a_.receive_from_lan(flow_.next());
        network_.clock().advance(kTick);
        knock();
        for (int i = 0; i < 4; ++i) {
            for (TestGateway* gateway : {&a_, &b_, &c_})
                (void)gateway->step();
            move();
        }
        take();
        const bool is_late = ticks_ > kTicksOfSession / 2;
        packets_.look(bottleneck().packets_in_use(), is_late);
        bundles_.look(bottleneck().plane().bundles_in_use(), is_late);
        balanced_ &= network_.accounts_balance();
        if (ticks_ % 1024 == 0) running_.say(fmt::format("overload: {} packets", offered_));
    }

    /// The wire: all of it, but of a only what its port gets rid of.
    void move() {
        if (sink_ == Sink::lan) {
            (void)network_.move_frames();
        } else {
            (void)network_.move_frames(b_);
            (void)network_.move_frames(c_);
        }
    }
    void take() {
        std::uint64_t left = kTaken;
        if (sink_ == Sink::wan) {
            (void)network_.move_frames(a_, left);
            left = kOffered;
            (void)b_.step();
        }
        for (; left > 0; --left) {
            const std::optional<Bytes> packet = b_.take_sent(TestGateway::kLan);
            if (!packet) break;
            if (flow_.owns(packet_of(*packet))) ++delivered_;
        }
    }

    /// Once there is overload, c calls the bottleneck's gateway.
    void knock() {
        got_in_ |= c_.has_session(c_.peer(bottleneck()));
        if (ticks_ < kTicksOfSession / 4 || got_in_) return;
        if (knocked_at_ == 0) {
            knocked_at_ = ticks_;
            (void)c_.receive_from_lan(NumberedFlow(c_, bottleneck(), 9).next());
        }
        got_in_late_ |= ticks_ - knocked_at_ > kTicksToGetIn;
    }

    [[nodiscard]] std::vector<std::string> failures(std::uint64_t passed) {
        std::vector<std::string> found;
        const auto hold = [&](bool holds, const std::string& otherwise) {
            if (!holds) found.push_back(otherwise);
        };
        hold(offered_ >= 4 * passed && passed > 0, "there was no overload, so that nothing is shown");
        hold(work_per_packet_ < kMostWork,
             fmt::format("{:.3f} packets were sealed or opened for each that got through", work_per_packet_));
        hold(packets_.is_flat(kOffered), fmt::format("packets in use grow: {}", packets_.text()));
        hold(bundles_.is_flat(kOffered), fmt::format("bundles in use grow: {}", bundles_.text()));
        hold(balanced_, "the accounts do not balance");
        const std::uint64_t last = a_.core().engine().status(a_.peer(b_))->last_handshake_unix_ns;
        const std::uint64_t sessions = (last - first_handshake_) / std::chrono::nanoseconds(2min).count();
        const std::uint64_t due = ticks_ / kTicksOfSession;
        hold(sessions + 1 >= due, fmt::format("{} sessions were renewed of {}", sessions, due));
        hold(a_.has_session(a_.peer(b_)), "the session is gone");
        hold(ticks_ < kTicksOfSession || (got_in_ && !got_in_late_), "somebody new does not get in");
        return found;
    }

    const Trial& trial_;
    const Sink sink_;
    const Running running_;
    TestNetwork network_;
    TestGateway& a_ = network_.add({.number = 1, .wan_tx_ring = sink_ == Sink::wan ? 64U : 1024U});
    TestGateway& b_ = network_.add({.number = 2, .lan_tx_ring = sink_ == Sink::lan ? 64U : 1024U});
    TestGateway& c_ = network_.add({.number = 3});
    NumberedFlow flow_{a_, b_, 1};
    std::uint64_t ticks_ = 0;
    std::uint64_t offered_ = 0;
    std::uint64_t delivered_ = 0;
    std::uint64_t first_handshake_ = 0;
    std::uint64_t knocked_at_ = 0;
    bool got_in_ = false;
    bool got_in_late_ = false;
    bool balanced_ = true;
    double work_per_packet_ = 0;
    HighWater packets_;
    HighWater bundles_;
};

}  // namespace

SiegeRow press_overload(const Trial& trial, Sink sink) {
    return Flood(trial, sink).run();
}

}  // namespace ringway::tests
