#pragma once

#include <cstdint>
#include <functional>
#include <queue>
#include <utility>
#include <vector>

namespace ringway::simulation {

/// True time of a world, nanoseconds. No node knows it: see NodeClock.
using WorldTime = std::uint64_t;

/// What is going to happen, in the order of time and, at one time, of planning.
class Agenda {
  public:
    [[nodiscard]] WorldTime now() const { return now_; }
    void at(WorldTime time, std::function<void()> action) {
        events_.push({std::max(time, now_), planned_++, std::move(action)});
    }
    void after(WorldTime delay, std::function<void()> action) { at(now_ + delay, std::move(action)); }

    /// Lets happen what is planned up to `end`, which is now then.
    void run_until(WorldTime end) {
        while (!events_.empty() && events_.top().time <= end) {
            // The order does not depend on what is moved out.
            auto action = std::move(const_cast<Event&>(events_.top()).action);
            now_ = events_.top().time;
            events_.pop();
            action();
        }
        now_ = end;
    }

  private:
    struct Event {
        WorldTime time;
        std::uint64_t order;
        std::function<void()> action;
        bool operator>(const Event& other) const {
            return time != other.time ? time > other.time : order > other.order;
        }
    };

    WorldTime now_ = 0;
    std::uint64_t planned_ = 0;
    std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
};

}  // namespace ringway::simulation
