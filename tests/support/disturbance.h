#pragma once

// What a busy machine does to threads, done on purpose: they are stopped in the middle of anything, get no
// CPU for a while, and are moved about.

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include "tests/support/seeded_random.h"

namespace ringway::tests {

/// Holds up threads of this process, at random, for its lifetime: a signal whose handler sleeps for up to
/// some milliseconds, SCHED_IDLE and back, one CPU or all. Afterwards they are as they were before.
class Disturbance {
  public:
    /// `threads`: as gettid() names them. REQUIRES: they outlive this, with the scheduling of normal threads.
    Disturbance(std::vector<pid_t> threads, std::uint64_t seed);
    ~Disturbance();
    Disturbance(const Disturbance&) = delete;
    Disturbance& operator=(const Disturbance&) = delete;

    /// Times that a thread was held up or moved. Any thread.
    [[nodiscard]] std::uint64_t count() const { return count_.load(std::memory_order_relaxed); }

  private:
    void run();
    void disturb(pid_t thread);
    void pause();

    std::vector<pid_t> threads_;
    std::vector<unsigned> cpus_;
    SeededRandom random_;
    std::atomic<bool> stop_{false};
    std::atomic<std::uint64_t> count_{0};
    std::thread thread_;
};

/// Stops one thread where it is, from construction to destruction.
class HeldThread {
  public:
    /// Returns when the thread stands still. REQUIRES: nobody else signals it.
    explicit HeldThread(pid_t thread);
    ~HeldThread();
    HeldThread(const HeldThread&) = delete;
    HeldThread& operator=(const HeldThread&) = delete;

  private:
    int go_on_[2] = {-1, -1};  ///< a pipe: the handler reads one byte
    std::atomic<bool> stands_{false};
    std::atomic<bool> goes_{false};

    friend struct HoldHandler;
};

}  // namespace ringway::tests
