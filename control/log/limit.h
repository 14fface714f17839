#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <utility>

namespace ringway::control {

/// Keeps something that the outside can cause at will from filling the log: so many records in so
/// much time, and the next one says how many were kept back. One object stands for one kind of
/// record and lives with whoever logs it. Any thread.
class LogLimit {
  public:
    explicit constexpr LogLimit(std::uint32_t records = 5,
                                std::chrono::nanoseconds per = std::chrono::seconds(10))
        : records_(records), per_(static_cast<std::uint64_t>(per.count())) {}

    /// How many records were kept back before this one, or nothing if this one is to be kept back.
    /// `now` is monotonic, in nanoseconds.
    [[nodiscard]] std::optional<std::uint64_t> admit(std::uint64_t now) {
        const std::scoped_lock lock(mutex_);
        if (now >= window_end_) {
            window_end_ = now + per_;
            admitted_ = 0;
        }
        if (admitted_ == records_) {
            ++withheld_;
            return std::nullopt;
        }
        ++admitted_;
        return std::exchange(withheld_, 0);
    }

  private:
    std::uint32_t records_;
    std::uint64_t per_;
    std::mutex mutex_;
    std::uint64_t window_end_ = 0;
    std::uint32_t admitted_ = 0;
    std::uint64_t withheld_ = 0;
};

}  // namespace ringway::control
