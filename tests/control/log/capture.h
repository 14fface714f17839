#pragma once

#include <memory>
#include <string>
#include <vector>

#include "control/log/log.h"

namespace ringway::control::test {

/// Keeps lines as people would read them.
class CapturingSink final : public LogSink {
  public:
    explicit CapturingSink(std::vector<std::string>& lines) : lines_(lines) {}
    bool write(const LogRecord& record) override {
        LogBuffer line;
        append_text(line, record);
        lines_.emplace_back(line.view());
        return true;
    }

  private:
    std::vector<std::string>& lines_;
};

/// A log in memory, with virtual time.
struct CapturedLog {
    std::uint64_t now = 0;
    std::vector<std::string> lines;
    Log log{LogLevel::info,
            std::make_unique<CapturingSink>(lines),
            {.wall = [this] { return now; }, .monotonic = [this] { return now; }}};
    Logger logger{log, "test"};
};

}  // namespace ringway::control::test
