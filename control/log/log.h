#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <string>
#include <tl/expected.hpp>

#include "control/log/limit.h"
#include "control/log/record.h"
#include "control/log/sink.h"

namespace ringway::control {

/// Nanoseconds since the Unix epoch, and monotonic ones for limits.
struct LogClocks {
    std::function<std::uint64_t()> wall;
    std::function<std::uint64_t()> monotonic;

    [[nodiscard]] static LogClocks of_system();
};

/// The log of a process: made by its main function and handed on to whoever has something to say,
/// as a Logger. Any thread may log, and nothing is allocated for it, but writing may block: lcores
/// count instead.
class Log {
  public:
    /// The error says what could not be opened.
    [[nodiscard]] static tl::expected<std::unique_ptr<Log>, std::string> open(
        const config::Log& configuration, LogEnvironment environment = LogEnvironment::of_process());

    Log(LogLevel level, std::unique_ptr<LogSink> sink, LogClocks clocks)
        : level_(level), sink_(std::move(sink)), clocks_(std::move(clocks)) {}

    /// Opens what the configuration names, anew even if that is as before (a file may have been
    /// rotated away), and sets the level. On an error everything stays as it was.
    [[nodiscard]] tl::expected<void, std::string> apply(const config::Log& configuration);

    [[nodiscard]] LogLevel level() const { return level_.load(std::memory_order_relaxed); }
    /// Until apply() says otherwise. Any thread.
    void set_level(LogLevel level) { level_.store(level, std::memory_order_relaxed); }
    [[nodiscard]] bool is_enabled(LogLevel level) const {
        return level >= level_.load(std::memory_order_relaxed);
    }
    /// Records that could not be written.
    [[nodiscard]] std::uint64_t lost() const { return lost_.load(std::memory_order_relaxed); }

    /// See Logger, which is how to call this.
    void write(LogLevel level, LogText component, LogText message, std::span<const LogField> fields,
               LogLimit* limit);

  private:
    std::atomic<LogLevel> level_;
    std::atomic<std::uint64_t> lost_ = 0;
    std::mutex mutex_;
    std::unique_ptr<LogSink> sink_;  ///< under mutex_
    LogClocks clocks_;
    LogEnvironment environment_;
};

/// A component's way to the log, which must outlive it. Cheap to copy.
///
///     logger.warning("peer does not answer", {{"peer", name}, {"attempts", attempts}}, &limit_);
class Logger {
  public:
    using Fields = std::initializer_list<LogField>;

    Logger(Log& log, LogText component) : log_(&log), component_(component) {}

    /// `limit`, if given, may keep the record back.
    void error(LogText message, Fields fields = {}, LogLimit* limit = nullptr) const {
        write(LogLevel::error, message, fields, limit);
    }
    void warning(LogText message, Fields fields = {}, LogLimit* limit = nullptr) const {
        write(LogLevel::warning, message, fields, limit);
    }
    void info(LogText message, Fields fields = {}, LogLimit* limit = nullptr) const {
        write(LogLevel::info, message, fields, limit);
    }
    void debug(LogText message, Fields fields = {}, LogLimit* limit = nullptr) const {
        write(LogLevel::debug, message, fields, limit);
    }
    [[nodiscard]] bool is_enabled(LogLevel level) const { return log_->is_enabled(level); }
    /// Of the whole log.
    void set_level(LogLevel level) const { log_->set_level(level); }
    [[nodiscard]] Logger with_component(LogText component) const { return {*log_, component}; }

  private:
    void write(LogLevel level, LogText message, Fields fields, LogLimit* limit) const {
        if (log_->is_enabled(level))
            log_->write(level, component_, message, {fields.begin(), fields.size()}, limit);
    }

    Log* log_;
    LogText component_;
};

}  // namespace ringway::control
