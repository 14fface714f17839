#include "control/log/log.h"

#include <chrono>
#include <utility>

#include "control/unix_time.h"

namespace ringway::control {
namespace {

std::uint64_t monotonic_nanoseconds() {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
}

}  // namespace

LogClocks LogClocks::of_system() {
    return {.wall = unix_nanoseconds, .monotonic = monotonic_nanoseconds};
}

tl::expected<std::unique_ptr<Log>, std::string> Log::open(const config::Log& configuration,
                                                          LogEnvironment environment) {
    auto sink = open_log_sink(configuration, environment);
    if (!sink) return tl::unexpected(sink.error());
    auto log = std::make_unique<Log>(configuration.level, std::move(*sink), LogClocks::of_system());
    log->environment_ = std::move(environment);
    return log;
}

tl::expected<void, std::string> Log::apply(const config::Log& configuration) {
    auto sink = open_log_sink(configuration, environment_);
    if (!sink) return tl::unexpected(sink.error());
    const std::scoped_lock lock(mutex_);
    std::swap(sink_, *sink);
    level_ = configuration.level;
    return {};
}

void Log::write(LogLevel level, LogText component, LogText message, std::span<const LogField> fields,
                LogLimit* limit) {
    LogRecord record{
        .level = level, .component = component.view(), .message = message.view(), .fields = fields};
    if (limit != nullptr) {
        const auto withheld = limit->admit(clocks_.monotonic());
        if (!withheld) return;
        record.withheld = *withheld;
    }
    record.unix_nanoseconds = clocks_.wall();
    const std::scoped_lock lock(mutex_);
    if (!sink_->write(record)) lost_.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace ringway::control
