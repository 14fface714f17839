#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

#include "dataplane/reclaim.h"

namespace ringway::tests {

/// Threads that read under RCU as lcores do, while the test's own thread writes.
class RcuReaders {
  public:
    /// Each of `count` threads calls `read` over and over; it returns false when it saw what it must
    /// not see.
    RcuReaders(dataplane::Rcu& rcu, unsigned count, std::function<bool()> read)
        : rcu_(rcu), read_(std::move(read)) {
        for (unsigned id = 0; id < count; ++id)
            threads_.emplace_back([this, id] { run(id); });
    }
    ~RcuReaders() { stop(); }
    RcuReaders(const RcuReaders&) = delete;
    RcuReaders& operator=(const RcuReaders&) = delete;

    /// Calls `write` until it was called `writes` times and the readers have read `reads` times in all.
    void while_reading(std::uint64_t writes, std::uint64_t reads,
                       const std::function<void(std::uint64_t)>& write) {
        for (std::uint64_t i = 0; i < writes || reads_.load(std::memory_order_relaxed) < reads; ++i)
            write(i);
    }
    /// Ends the threads; returns how many reads went wrong.
    std::uint64_t stop() {
        stop_.store(true, std::memory_order_relaxed);
        for (std::thread& thread : threads_)
            thread.join();
        threads_.clear();
        return wrong_.load();
    }

  private:
    void run(unsigned id) {
        rcu_.register_reader(id);
        rcu_.online(id);
        while (!stop_.load(std::memory_order_relaxed)) {
            for (int i = 0; i < 32; ++i) {
                if (!read_()) wrong_.fetch_add(1, std::memory_order_relaxed);
            }
            reads_.fetch_add(32, std::memory_order_relaxed);
            rcu_.quiescent(id);
        }
        rcu_.unregister_reader(id);
    }

    dataplane::Rcu& rcu_;
    std::function<bool()> read_;
    std::atomic<bool> stop_{false};
    std::atomic<std::uint64_t> reads_{0};
    std::atomic<std::uint64_t> wrong_{0};
    std::vector<std::thread> threads_;
};

}  // namespace ringway::tests
