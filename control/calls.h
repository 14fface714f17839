#pragma once

#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <type_traits>

#include "control/file_descriptor.h"

namespace ringway::control {

/// Thrown to a caller whose work will not be done because the gateway stops.
class GatewayStopping : public std::runtime_error {
  public:
    GatewayStopping() : std::runtime_error("the gateway is stopping") {}
};

/// How other threads (REST, the console) reach what belongs to the control thread: they hand it work and
/// wait for the result. What the work reads and changes needs no lock, and all changes stand in one
/// queue, whoever asks.
class Calls {
  public:
    /// Throws std::system_error.
    Calls();

    /// Any thread but the control thread: runs `work` there and gives its result, or what it throws.
    /// Throws GatewayStopping.
    template <typename Work>
    auto call(Work work) -> std::invoke_result_t<Work> {
        using Task = std::packaged_task<std::invoke_result_t<Work>()>;
        auto task = std::make_shared<Task>(std::move(work));
        auto result = task->get_future();
        // The queue holds the task alone: dropped undone, it breaks its promise.
        post([task = std::move(task)] { (*task)(); });
        try {
            return result.get();
        } catch (const std::future_error&) {
            throw GatewayStopping();
        }
    }

    /// Becomes readable when work waits.
    [[nodiscard]] int fd() const { return event_.get(); }
    /// Control thread: does what waits, a few pieces at a time so that timers have their turn between.
    void serve();
    /// Control thread: from now on every call throws.
    void close();

  private:
    void post(std::function<void()> work);

    FileDescriptor event_;
    std::mutex mutex_;
    std::deque<std::function<void()>> waiting_;  ///< under mutex_
    bool closed_ = false;                        ///< under mutex_
};

}  // namespace ringway::control
