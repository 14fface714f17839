#pragma once

#include <ucontext.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace ringway::tests {

/// With the address sanitizer, locals lie where it wants them, and more copies of them than the code made.
#ifdef __SANITIZE_ADDRESS__
inline constexpr bool kStackIsTheSanitizers = true;
#else
inline constexpr bool kStackIsTheSanitizers = false;
#endif

/// A stack of its own for some work, that can be searched afterwards for what the work left there.
/// (A thread's would not do: the C library gives its pages back when it ends.)
class ScannedStack {
  public:
    /// Runs `work` on the stack, to its end. It must not throw. One at a time.
    void run(std::function<void()> work) {
        work_ = std::move(work);
        running = this;
        ucontext_t inside;
        getcontext(&inside);
        inside.uc_stack.ss_sp = memory_.data();
        inside.uc_stack.ss_size = memory_.size();
        inside.uc_link = &outside_;
        makecontext(&inside, &enter, 0);
        swapcontext(&outside_, &inside);
    }

    /// Whether `bytes` lie anywhere on it.
    [[nodiscard]] bool holds(std::span<const std::uint8_t> bytes) const {
        return std::search(memory_.begin(), memory_.end(), bytes.begin(), bytes.end()) != memory_.end();
    }

  private:
    static constexpr std::size_t kBytes = 256 * 1024;

    static void enter() { running->work_(); }

    static inline ScannedStack* running = nullptr;  ///< makecontext passes no pointers

    std::vector<std::uint8_t> memory_ = std::vector<std::uint8_t>(kBytes);
    std::function<void()> work_;
    ucontext_t outside_{};
};

}  // namespace ringway::tests
