#include "tools/load/trial.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "tools/load/outstanding.h"
#include "tools/load/pacer.h"

namespace ringway::load {
namespace {

constexpr Nanoseconds kSecond = 1'000'000'000;
constexpr Nanoseconds kMillisecond = 1'000'000;
/// Nothing more is under way when nothing has come for so long.
constexpr Nanoseconds kQuiet = 100 * kMillisecond;
// Prepared packets are sent by sessions that live on for longer than it takes. Those that the gateway began
// are for it to renew, which it does 15 s before they end.
constexpr Nanoseconds kRenewAge = 60 * kSecond;
constexpr Nanoseconds kStockTime = 60 * kSecond;
constexpr Nanoseconds kStockTimeOfOthers = 10 * kSecond;
constexpr std::uint32_t kBurst = Link::kBurst;

/// Sends one direction's packets in one window, which is a stretch of sending without a pause.
class Driver {
  public:
    Driver(Load& load, Direction direction, const TrialPlan& plan, Nanoseconds start)
        : source_(load.source(direction)),
          counts_(load.state(direction).counts),
          limit_(plan.outstanding),
          sent_before_(counts_.sent),
          arrived_before_(arrived()),
          seen_(arrived_before_),
          last_arrival_(start) {
        if (plan.rate > 0) pacer_.emplace(plan.rate, start);
    }

    /// True if anything was sent or has arrived.
    bool drive(Nanoseconds now) {
        const bool has_arrived = note_arrivals(now);
        const std::uint32_t sent = source_.send(std::min(room(now), kBurst), now);
        if (pacer_) pacer_->sent(sent);
        return has_arrived || sent != 0;
    }
    bool note_arrivals(Nanoseconds now) {
        if (arrived() == seen_) return false;
        seen_ = arrived();
        last_arrival_ = now;
        return true;
    }
    void close(Nanoseconds now) {
        if (pacer_) pacer_->close(now, source_.waiting() != 0);
    }
    [[nodiscard]] bool is_used_up() const { return source_.is_used_up(); }
    [[nodiscard]] bool all_arrived() const {
        return arrived() - arrived_before_ >= counts_.sent - sent_before_;
    }
    [[nodiscard]] Nanoseconds last_arrival() const { return last_arrival_; }
    [[nodiscard]] std::uint64_t refused() const { return pacer_ ? pacer_->refused() : 0; }
    [[nodiscard]] std::uint64_t late() const { return pacer_ ? pacer_->late() : 0; }

  private:
    /// Packets that are no longer under way: each one once.
    [[nodiscard]] std::uint64_t arrived() const { return counts_.matched + counts_.corrupt; }
    [[nodiscard]] std::uint32_t room(Nanoseconds now) {
        if (pacer_) return pacer_->due(now, source_.waiting() != 0);
        const std::uint64_t under_way =
            outstanding_.count(counts_.sent - sent_before_, arrived() - arrived_before_, now);
        return under_way < limit_ ? static_cast<std::uint32_t>(limit_ - under_way) : 0;
    }

    Source& source_;
    const DirectionCounts& counts_;
    std::optional<Pacer> pacer_;
    Outstanding outstanding_;
    std::uint64_t limit_;
    std::uint64_t sent_before_;
    std::uint64_t arrived_before_;
    std::uint64_t seen_;
    Nanoseconds last_arrival_;
};

class Trial {
  public:
    Trial(Load& load, const TrialPlan& plan, const Stop& stop) : load_(load), plan_(plan), stop_(stop) {}

    TrialResult run() {
        for (const Direction direction : plan_.directions) {
            load_.source(direction).discard();
            load_.state(direction).counts = {};
            load_.state(direction).latency.clear();
            result_.directions[direction] = {};
        }
        Nanoseconds sent_for = 0;
        while (sent_for < plan_.duration && !stop_()) {
            Nanoseconds most = plan_.duration - sent_for;
            if (decrypts()) {
                most = std::min(most, stock_time());
                refill(most);
            }
            const Nanoseconds passed = window(most);
            if (passed == 0) break;
            sent_for += passed;
        }
        for (const Direction direction : plan_.directions) {
            result_.directions[direction].counts = load_.state(direction).counts;
            result_.directions[direction].latency = load_.state(direction).latency;
        }
        return result_;
    }

  private:
    [[nodiscard]] bool decrypts() const {
        return std::ranges::find(plan_.directions, Direction::decrypt) != plan_.directions.end();
    }

    [[nodiscard]] Nanoseconds stock_time() const {
        return load_.options().initiates ? kStockTime : kStockTimeOfOthers;
    }

    /// Prepares packets for so much more time, by sessions that are new enough.
    void refill(Nanoseconds time) {
        if (load_.options().initiates) load_.renew(kRenewAge);
        while (load_.is_busy() && !stop_())
            (void)load_.poll();
        const double seconds = static_cast<double>(time) / kSecond;
        constexpr double kSpare = 1.01;
        const double wanted = plan_.rate > 0 ? plan_.rate * seconds * kSpare + kBurst : 1e12;
        load_.stock().prepare(static_cast<std::uint64_t>(wanted));
    }

    /// Sends for so long or until prepared packets are used up, and waits for what is under way. The time
    /// that was sent for.
    Nanoseconds window(Nanoseconds most) {
        load_.set_keepalives(!decrypts());
        const Nanoseconds start = load_.poll();
        std::vector<Driver> drivers;
        for (const Direction direction : plan_.directions)
            drivers.emplace_back(load_, direction, plan_, start);

        Nanoseconds now = start;
        Nanoseconds asked_at = start;
        const auto goes_on = [&] {
            if (now - start >= most) return false;
            if (std::ranges::any_of(drivers, [](const Driver& driver) { return driver.is_used_up(); }))
                return false;
            if (now - asked_at < kMillisecond) return true;
            asked_at = now;
            return !stop_();
        };
        bool busy = true;
        while (goes_on()) {
            const Nanoseconds before = std::exchange(now, load_.poll());
            if (!busy) result_.idle_time += now - before;
            busy = false;
            for (Driver& driver : drivers)
                busy |= driver.drive(now);
        }
        result_.time += now - start;
        const Nanoseconds end = now;
        for (Driver& driver : drivers)
            driver.close(end);
        drain(drivers, end);
        load_.set_keepalives(true);
        for (std::size_t i = 0; i < drivers.size(); ++i) {
            DirectionResult& result = result_.directions[plan_.directions[i]];
            result.refused += drivers[i].refused();
            result.late += drivers[i].late();
            result.seconds += static_cast<double>(std::max(drivers[i].last_arrival(), end) - start) / kSecond;
        }
        return end - start;
    }

    void drain(std::vector<Driver>& drivers, Nanoseconds end) {
        for (const Direction direction : plan_.directions)
            load_.source(direction).discard();
        const auto is_done = [&](Nanoseconds now) {
            return std::ranges::all_of(drivers, [&](const Driver& driver) {
                return driver.all_arrived() || now - std::max(driver.last_arrival(), end) > kQuiet;
            });
        };
        Nanoseconds now = end;
        while (!is_done(now)) {
            now = load_.poll();
            for (Driver& driver : drivers)
                (void)driver.note_arrivals(now);
        }
    }

    Load& load_;
    const TrialPlan& plan_;
    const Stop& stop_;
    TrialResult result_;
};

}  // namespace

TrialResult run_trial(Load& load, const TrialPlan& plan, const Stop& stop) {
    return Trial(load, plan, stop).run();
}

}  // namespace ringway::load
